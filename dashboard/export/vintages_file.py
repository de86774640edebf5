"""The table of former divisions as CSV: UTF-8 with a byte order mark, origin in lines that begin with `#`."""

from __future__ import annotations

import io

from dashboard.i18n import t
from geodata.store import Reading, queries
from geodata.text import Language


def vintages_csv(reading: Reading, lang: Language) -> bytes:
    """All of the table `vintages`. Read it back with `pandas.read_csv(file, comment="#", dtype={"code": str})`."""
    sources = queries.sources(reading)
    out = io.StringIO()
    out.write(f"# {t('vintages.title', lang)}\r\n# {t('vintages.about', lang)}\r\n")
    out.write(f"# {t('vintages.release', lang)}: {reading.release.release_id}\r\n")
    for row in sources[sources["role"] == "divisions"].to_dict("records"):
        out.write(f"# {row[f'title_{lang}']} · {row[f'producer_{lang}']} · {row[f'licence_{lang}']}\r\n")
    table = queries.vintages(reading)
    years = table["to_year"].astype("Int64")
    table.assign(to_year=years).to_csv(out, index=False, lineterminator="\r\n")
    return out.getvalue().encode("utf-8-sig")
