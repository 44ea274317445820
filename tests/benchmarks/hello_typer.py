"""The floor: the smallest Typer program, against which a start is measured."""

import typer

app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)


@app.command()
def hello(name: str = "world") -> None:
    print(f"hello {name}")


app()
