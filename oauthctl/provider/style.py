"""The look of the provider's pages, light and dark.

Here: one style sheet, which has no values in it. Not here: HTML (`pages`).
"""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --ground: #f3f5f8; --card: #fff; --text: #1a2330; --dim: #566275; --line: #d5dbe4; --accent: #1f5fbf;
  --on-accent: #fff; --alert: #fdecec; --on-alert: #8c1d18; --code: #eef1f6; }
@media (prefers-color-scheme: dark) { :root { --ground: #11161d; --card: #1a212b; --text: #e7ecf3; --dim: #a0adbf; --line: #364253;
  --accent: #7fb0ff; --on-accent: #0c1a2e; --alert: #3b1d1f; --on-alert: #ffb4ab; --code: #263140; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem 1rem; color: var(--text);
  background: var(--ground); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
main { width: 100%; max-width: 27rem; background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 2rem;
  box-shadow: 0 10px 30px rgb(10 20 40 / .08); overflow-wrap: anywhere; }
main.wide { max-width: 60rem; }
.server { margin: 0 0 1.25rem; color: var(--dim); font-size: .875rem; display: flex; align-items: center; gap: .5rem; }
.server::before { content: ""; width: .75rem; height: .75rem; border-radius: 4px; background: var(--accent); }
h1 { margin: 0; font-size: 1.6rem; line-height: 1.2; letter-spacing: -.01em; }
h2 { margin: 1.5rem 0 .5rem; font-size: 1rem; }
.lead { margin: .4rem 0 1.25rem; color: var(--dim); }
.lead strong { color: var(--text); }
label { display: block; margin: 0 0 .3rem; font-weight: 600; font-size: .925rem; }
input:not([type=hidden]) { width: 100%; margin: 0 0 1.1rem; padding: .65rem .75rem; font: inherit; color: inherit; background: var(--card);
  border: 1px solid var(--dim); border-radius: 8px; }
button { flex: 1; width: 100%; padding: .7rem 1rem; font: inherit; font-weight: 600; color: var(--text); background: transparent;
  border: 1px solid var(--dim); border-radius: 8px; cursor: pointer; }
button.primary { color: var(--on-accent); background: var(--accent); border-color: var(--accent); }
button:hover { filter: brightness(1.07); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.buttons { display: flex; gap: .75rem; margin-top: .4rem; }
.alert { margin: 0 0 1.25rem; padding: .75rem 1rem; border-radius: 8px; background: var(--alert); color: var(--on-alert); }
.alert code { padding: 0; background: none; font-weight: 600; }
.or { margin: 1.25rem 0; color: var(--dim); text-align: center; font-size: .875rem; }
.fine { color: var(--dim); font-size: .875rem; }
ul { list-style: none; margin: 0 0 1.25rem; padding: 0; border: 1px solid var(--line); border-radius: 8px; }
li { display: grid; grid-template-columns: 1fr auto; align-items: baseline; gap: .25rem 1rem; padding: .6rem .8rem; }
li code { justify-self: end; }
dl { margin: 0 0 1.25rem; font-size: .925rem; }
dt { color: var(--dim); }
dd { margin: 0 0 .25rem; }
dd + dt { margin-top: .6rem; }
li + li { border-top: 1px solid var(--line); }
code { font: .85em ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", monospace; background: var(--code); padding: .1em .4em;
  border-radius: 5px; }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: .5rem .75rem .5rem 0; border-top: 1px solid var(--line); font-size: .925rem; }
th { font-weight: 600; white-space: nowrap; }
td:first-child { white-space: nowrap; }
a { color: var(--accent); }
section + section { margin-top: 2rem; }
pre { margin: .2rem 0 0; padding: .6rem .75rem; border-radius: 8px; background: var(--code); white-space: pre-wrap;
  font: .85rem/1.5 ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", monospace; }
pre.copy { user-select: all; cursor: copy; }
details { margin: 0 0 .5rem; border: 1px solid var(--line); border-radius: 8px; }
summary { padding: .6rem .8rem; font-weight: 600; cursor: pointer; }
summary .fine { font-weight: 400; }
label.fault { display: flex; align-items: baseline; gap: .75rem; margin: 0; padding: .6rem .8rem; font-weight: 400;
  border-top: 1px solid var(--line); }
main input[type=checkbox] { flex: none; width: 1.1rem; height: 1.1rem; margin: 0; accent-color: var(--accent); translate: 0 .15rem; }
ul.log li { display: block; padding: 0; }
ul.log summary, ul.log a { display: block; padding: .5rem .8rem; font-weight: 400; font-size: .925rem; color: inherit;
  text-decoration: none; }
ul.log a:hover code, ul.log summary:hover code { text-decoration: underline; }
ul.log details { margin: 0; border: 0; }
ul.log .row { display: grid; grid-template-columns: auto 1fr auto; gap: .25rem .75rem; align-items: baseline; }
ul.log summary .row::before { content: "\\25B8"; grid-row: 1; }
ul.log summary .row { grid-template-columns: auto auto 1fr auto; }
ul.log details[open] > summary .row::before { content: "\\25BE"; }
.said > span { display: block; margin: .15rem 0 0 1.4rem; }
.said strong { color: var(--on-alert); }
li.wrong { background: var(--alert); }
.parts { padding: 0 .8rem .6rem 2.2rem; background: var(--card); border-top: 1px solid var(--line); }
.parts h3 { margin: .8rem 0 .2rem; font-size: .875rem; }
.parts dl { display: grid; grid-template-columns: minmax(8rem, auto) 1fr; gap: .2rem .75rem; margin: 0; }
.parts dd { grid-column: 2; margin: 0; }
.parts dd:first-child { grid-column: 1 / -1; }
.parts dd + dt { margin: 0; }
iframe.live { display: block; width: 100%; height: 10.5rem; margin: 0 0 .75rem; border: 1px solid var(--line); border-radius: 8px; }
body.frame { display: block; min-height: 0; padding: 0; background: var(--card); }
main.frame { max-width: none; padding: 0; border: 0; border-radius: 0; box-shadow: none; }
main.frame ul { margin: 0; border: 0; border-radius: 0; }
main.frame p { margin: .6rem .8rem; }
@media (max-width: 30rem) { body { padding: 0; place-items: start stretch; background: var(--card); }
  main { border: 0; border-radius: 0; box-shadow: none; padding: 1.5rem 1.25rem; }
  thead { display: none; } tr { display: block; padding: .5rem 0; border-top: 1px solid var(--line); }
  td, td:first-child { display: block; padding: 0; border: 0; }
  .parts { padding-left: .8rem; } .parts dl { display: block; } .parts dt { margin-top: .3rem; } }
""".strip()
