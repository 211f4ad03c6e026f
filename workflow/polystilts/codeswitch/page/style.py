"""How the page of a data sheet looks: narrow and wide, light and dark, on paper."""

STYLE = """
:root { color-scheme: light dark; --paper: #fbfaf7; --card: #fff; --ink: #1d2327; --soft: #5c666e;
  --line: #e1ded6; --accent: #1f5f8b; --good: #1b7f4b; --bad: #b3261e; --mark: 88%; --tone: 26%;
  --fill: 46%; }
@media (prefers-color-scheme: dark) { :root { --paper: #14181b; --card: #1c2226; --ink: #e6e8ea;
  --soft: #9aa5ad; --line: #313a40; --accent: #7cc0ee; --good: #5fd39a; --bad: #ff8a80;
  --mark: 24%; --tone: 82%; --fill: 58%; } }
* { box-sizing: border-box; }
html { scroll-padding-top: 3.5rem; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif; }
header, main { max-width: 76rem; margin: 0 auto; padding: 0 1.1rem; }
header { padding-top: 2rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.6rem 0 .8rem; }
h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
h4 { font-size: .85rem; margin: 1rem 0 .3rem; color: var(--soft); }
p { margin: .3rem 0 .8rem; }
.soft { color: var(--soft); font-size: .9rem; }
nav { position: sticky; top: 0; z-index: 1; background: var(--paper);
  border-bottom: 1px solid var(--line); overflow-x: auto; white-space: nowrap; }
nav div { max-width: 76rem; margin: 0 auto; padding: .55rem 1.1rem; }
nav a { color: var(--accent); text-decoration: none; margin-right: 1.1rem; font-size: .92rem; }
nav a:hover { text-decoration: underline; }
.cards { display: grid; gap: .7rem; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr));
  margin: 1.2rem 0; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem;
  padding: .8rem 1rem; }
.card b { display: block; font-size: 1.45rem; line-height: 1.3; font-weight: 650;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.card > span { color: var(--soft); font-size: .85rem; display: block; }
.card a { text-decoration: none; }
.warnings { border-left: .3rem solid var(--bad); padding: .1rem 0 .1rem 1rem; margin: 1.2rem 0; }
.warnings ul { margin: .3rem 0; padding-left: 1.1rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; background: var(--card); font-size: .92rem;
  font-variant-numeric: tabular-nums; }
th, td { padding: .38rem .7rem; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: baseline; }
th { color: var(--soft); font-weight: 600; font-size: .82rem; white-space: nowrap; }
.number { text-align: right; white-space: nowrap; }
td .bar { min-width: 6rem; }
.part { padding-left: 1.2rem; color: var(--soft); }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr));
  gap: 0 2rem; }
.bar { background: var(--line); border-radius: 1rem; height: .55rem; overflow: hidden; }
.bar i, .stack i { display: block; height: 100%; background: hsl(var(--hue, 205) 45% var(--fill)); }
.stack { display: flex; height: 1.5rem; border-radius: .5rem; overflow: hidden; gap: 2px;
  margin-bottom: .8rem; }
.swatch { display: inline-block; width: .75rem; height: .75rem; border-radius: .2rem;
  margin-right: .5rem; background: hsl(var(--hue) 45% var(--fill)); }
.badge { font-size: .8rem; font-weight: 650; padding: .1rem .6rem; border-radius: 1rem;
  border: 1px solid currentColor; white-space: nowrap; }
.passed { color: var(--good); } .failed { color: var(--bad); } .unknown { color: var(--soft); }
details { background: var(--card); border: 1px solid var(--line); border-radius: .6rem;
  margin: .5rem 0; padding: .6rem 1rem; }
summary { cursor: pointer; display: flex; flex-wrap: wrap; gap: .3rem .8rem;
  align-items: baseline; }
summary .soft { flex: 1 1 14rem; }
dl { display: grid; grid-template-columns: minmax(9rem, max-content) 1fr; gap: .2rem 1.2rem;
  margin: .6rem 0; font-size: .92rem; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
article { background: var(--card); border: 1px solid var(--line); border-radius: .6rem;
  margin: .8rem 0; padding: .8rem 1rem; break-inside: avoid; }
.sides { display: grid; grid-template-columns: 1fr 1fr; gap: .4rem 1.6rem; margin-top: .6rem; }
.sides + .sides { border-top: 1px dashed var(--line); padding-top: .6rem; }
.sides p { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; line-height: 1.75; }
mark { background: hsl(var(--hue) 70% var(--mark)); color: inherit; border-radius: .25rem;
  padding: .08em .22em; }
mark small { color: hsl(var(--hue) 60% var(--tone)); font-size: .68em; font-weight: 700;
  margin-left: .3em; vertical-align: .25em; user-select: none; }
.legend > span { display: inline-block; margin-right: 1rem; }
@media (max-width: 44rem) { .sides { grid-template-columns: 1fr; } h1 { font-size: 1.35rem; }
  td .bar { display: none; } th, td { padding: .38rem .45rem; }
  dl { grid-template-columns: minmax(7rem, 40%) 1fr; }
  .sides p + p { border-left: .2rem solid var(--line); padding-left: .7rem; } }
@media print { nav { display: none; } body { background: none; font-size: .8rem; } }
"""
