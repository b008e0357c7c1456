"""The style sheet of a report's page: one column of text, for the screen and for paper."""

from collections.abc import Mapping
from typing import Final

from desktop_client.reporting.inks import CURVE_INKS, DARK, DARK_SHADES, LIGHT, LIGHT_SHADES, Ink


def _variables(*colours: Mapping[Ink, str] | Mapping[str, str]) -> str:
    return "".join(f"--{name}:{colour};" for group in colours for name, colour in group.items())


_PAPER: Final = _variables(LIGHT, LIGHT_SHADES)
_SCREEN: Final = _variables(DARK, DARK_SHADES)
_INKS: Final = "".join(
    f".line.{ink}{{stroke:var(--{ink})}}.fill.{ink}{{fill:var(--{ink})}}"
    for ink in ("text", "muted", "grid", "paper", *CURVE_INKS)
)

STYLE: Final = f"""
:root{{{_PAPER}color-scheme:light}}
@media screen and (prefers-color-scheme:dark){{:root{{{_SCREEN}color-scheme:dark}}}}
{_INKS}
.line{{fill:none;stroke-linejoin:round;stroke-linecap:butt}}
*{{box-sizing:border-box}}
html{{background:var(--paper);color:var(--text);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;
-webkit-print-color-adjust:exact;print-color-adjust:exact}}
body{{max-width:54rem;margin:0 auto;padding:2.5rem 1.5rem 3rem}}
header .mark{{margin:0;font-weight:700;letter-spacing:.06em;text-transform:uppercase;
font-size:.8rem;color:var(--first)}}
h1{{font-size:1.9rem;line-height:1.2;margin:.2rem 0 .4rem;text-wrap:balance}}
h2{{font-size:1.25rem;line-height:1.3;margin:2.8rem 0 .8rem;padding-top:.9rem;
border-top:1px solid var(--rule)}}
p{{margin:.6rem 0;max-width:46rem}}
.subtitle,.note,figcaption,caption{{color:var(--muted)}}
.note{{font-size:.9rem}}
.notice{{background:var(--notice);color:var(--notice-text);
border-left:4px solid var(--notice-edge);padding:.6rem 1rem;border-radius:0 6px 6px 0}}
header .notice{{font-weight:600}}
nav ul{{list-style:none;margin:1.4rem 0 0;padding:0;columns:2;column-gap:2rem;font-size:.92rem}}
nav a{{color:var(--first);text-decoration:none}}
nav a:hover,nav a:focus{{text-decoration:underline}}
a:focus-visible,.wide:focus-visible{{outline:2px solid var(--first);outline-offset:2px}}
ul{{padding-left:1.2rem}} li{{margin:.3rem 0;max-width:45rem}}
dl{{display:grid;grid-template-columns:minmax(9rem,14rem) 1fr;gap:.3rem 1.2rem;margin:.8rem 0}}
dt{{color:var(--muted)}} dd{{margin:0;overflow-wrap:anywhere}}
dl.key{{grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.8rem;margin:1.2rem 0}}
dl.key>div{{background:var(--card);border:1px solid var(--rule);border-radius:8px;
padding:.8rem 1rem}}
dl.key dt{{font-size:.85rem}}
dl.key strong{{display:block;font-size:1.7rem;line-height:1.3;font-variant-numeric:tabular-nums}}
dl.key span{{color:var(--muted);font-size:.85rem;line-height:1.35;display:block}}
.wide{{overflow-x:auto;margin:1.2rem 0}}
table{{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums;min-width:60%}}
caption{{text-align:left;padding-bottom:.5rem;font-size:.9rem}}
th,td{{padding:.38rem .8rem .38rem 0;text-align:right;vertical-align:top;
border-bottom:1px solid var(--grid);font-weight:400}}
td{{white-space:nowrap}}
th.words,td.words{{text-align:left;white-space:normal}}
thead th{{color:var(--muted);font-size:.82rem;vertical-align:bottom;
border-bottom:1.5px solid var(--rule)}}
tbody th{{max-width:22rem;overflow-wrap:anywhere}}
th:last-child,td:last-child{{padding-right:.4rem}}
tr.total th,tr.total td{{font-weight:600;border-bottom-color:var(--rule)}}
td[data-heat]{{padding-left:.8rem;
background:color-mix(in srgb,var(--heat) var(--share),transparent)}}
figure{{margin:1.4rem 0}}
figcaption{{font-size:.9rem;margin-top:.5rem;max-width:46rem}}
svg{{max-width:100%;height:auto;font-family:inherit;overflow:visible}}
.panels{{display:flex;flex-wrap:wrap;gap:1.2rem 1.6rem}}
.pictures{{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:1rem}}
.pictures figure{{margin:0}}
.pictures figure:only-child{{grid-column:1/-1}}
.pictures img{{width:100%;border-radius:4px;display:block}}
.pictures figcaption{{font-size:.85rem}}
footer{{margin-top:3rem;padding-top:.8rem;border-top:1px solid var(--rule);
color:var(--muted);font-size:.9rem}}
@media (max-width:36rem){{nav ul{{columns:1}} dl{{grid-template-columns:1fr}}}}
@media print{{
@page{{size:A4;margin:18mm 16mm 20mm;
@bottom-left{{content:"__NOTICE__";font:8pt sans-serif;color:#4a5866}}
@bottom-right{{content:counter(page) " / " counter(pages);font:8pt sans-serif;color:#4a5866}}}}
html{{font-size:10.5pt}} body{{max-width:none;padding:0}} nav,footer{{display:none}}
h2{{break-after:avoid}} figure,tr,dl.key>div,.notice{{break-inside:avoid}}
thead{{display:table-header-group}} .wide{{overflow:visible}}
p{{orphans:3;widows:3}}}}
"""
