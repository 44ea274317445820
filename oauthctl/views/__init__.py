"""Views: data into what a person or a program reads."""
