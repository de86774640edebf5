"""The administrative history of the toy country: every county as it is, one merged, one divided, one renamed."""

from __future__ import annotations

import pandas as pd

COLUMNS = [
    "code", "name", "name_en", "prefecture", "province", "from_year", "to_year", "to_code", "to_name", "weight",
    "error", "kind", "boundary_changed", "reason_zh", "reason_en",
]  # fmt: skip


def toy_vintages(counties: list[dict[str, str]]) -> pd.DataFrame:
    """Rows of the table `vintages` for `counties` (code, name_zh, name_en); the first two have a past."""
    first, second = counties[0], counties[1]
    rows = [
        (c["code"], c["name_zh"], c["name_en"], "", "甲省", 2010 if c is first else 2000, None, c["code"], c["name_zh"],
         1.0, 0.0, "same", False, "", "")
        for c in counties
    ]  # fmt: skip
    old, gone, cut = (first["code"][:4] + end for end in ("91", "92", "93"))
    to_first, to_second = (first["code"], first["name_zh"]), (second["code"], second["name_zh"])
    above = ("", "甲省", 2000)
    rows += [
        (old, "旧名县", "Jiuming County", *above, 2009, *to_first, 1.0, 0.0, "enlarged", True, "改名", "renamed"),
        (gone, "并入县", "Bingru County", *above, 2009, *to_first, 1.0, 0.0, "merged", True, "并入", "merged"),
        (cut, "分开县", "Fenkai County", *above, 2012, *to_first, 0.25, 0.3, "split", True, "分设", "divided"),
        (cut, "分开县", "Fenkai County", *above, 2012, *to_second, 0.75, 0.1, "split", True, "分设", "divided"),
    ]
    return pd.DataFrame(rows, columns=COLUMNS)
