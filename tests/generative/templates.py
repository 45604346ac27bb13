"""Templates of rules, by the type of their answer; the holes in them are filled with rules of the type they name."""

from __future__ import annotations

# Templates: {n} a number, {s} a plain number, {t} a text, {d} a date, {m} a date and time, {k} a time of day,
# {p} a duration in days, {q} one in months, {l} a list of numbers, {w} one of texts,
# {b} a verdict, {c} a comparison.
PLAIN = ["0", "1", "2", "3", "7", "10", "0.5", "1.05", "100", "-4", "2019", "2020", "33.3333"]
LEAVES = {
    "n": [
        "{s}", "company.staff", "bank.balance", "tax[year = 2019].revenue", "count(tax)", "sum(tax.revenue)",
        "max(tax.year)", "mean(tax.revenue)", "count(credit)", "company.founded_on.year", "null",
        "min(tax[year >= 2019].revenue)", "count(tax[revenue > company.staff])", "string length({t})",
    ],
    "s": PLAIN,
    "t": ['"330106"', '"a%"', '""', "company.district", "bank.bank", "credit[is_serious].kind"],
    "d": [
        'date("2019-02-28")', '@"2020-01-01"', "company.founded_on", "max(credit.listed_on)", "date(company.district)",
        '(company.founded_on + @"P1M")', '(company.founded_on - @"PT36H")', '(@"2020-02-29" - @"P1Y")',
    ],
    "m": [
        "date and time({t})", '@"2020-02-29T23:59:59.5+08:00"', '@"-2019-12-31T00:00:00"', "date and time({d}, {k})",
        '@"999999999-12-31T24:00:00Z"', "date and time(company.size)", "null",
    ],
    "k": ["time({t})", '@"23:30:00.000000001-18:00"', "time(company.size)", '@"00:00:01"', "null"],
    "p": ['@"P1DT2H"', '@"-PT0.5S"', '@"P400D"', "({d} - {d})", '(@"PT1H" * {n})', "null"],
    "l": [
        "[]", "[{n}, {n}, {s}]", "[{s}, null]", "tax.revenue", "(for i in {s}..{s} return i + {n})",
        "(for t in tax return t.revenue * 2)",
    ],
    "w": ["[{t}, {t}, null]", "[{t}]", "credit.kind", "[]"],
    "q": ['@"P1M"', '@"-P13M"', '@"P4000Y"', '(@"P1M" * {n})', "null"],
    "b": ["true", "false", "null", "company.is_state_owned", "any(credit.is_serious)"],
    "c": ["=", "!=", "<", "<=", ">", ">="],
}  # fmt: skip
BRANCHES = {
    "n": [
        "({n} + {n})", "({n} - {n})", "({n} * {n})", "({n} / {n})", "({s} ** {s})", "({s} ** company.staff)",
        "round up({n}, {s})", "round down({n}, -1)", "round half up({n}, 1)", "round half down({n}, 1)",
        "decimal({n}, {s})", "floor({n}, company.staff)", "ceiling({n}, 0)", "floor({n})", "abs(-{n})",
        "modulo({n}, {n})", "sqrt({n})", "(if {b} then {n} else {n})",
        "min({n}, {n}, {n})", "max({n}, {n})", "sum({n}, {n})", "mean({n}, {n})",
        "sum(for t in tax return t.revenue * {s} + {n})", "count(tax[revenue {c} {n}])", "count(tax[{b}])",
        "count([{n}, {n}, null][item {c} {n}])", "sum(tax[{b}].revenue)", "date({n}, {s}, {s}).day",
        "({d} - {d}).days", "years and months duration({d}, {d}).months",
        "{m}.year", "{m}.month", "{m}.day", "{m}.weekday",
        "{m}.hour", "{m}.second", "{k}.minute", "week of year({m})",
        "{p}.seconds", "{q}.years",
        "product({l})", "median({l})", "stddev({l})", "sum({l})", "count({l})",
        "[{n}, {n}, {s}][{n}]", "exp({n})", "log({n})", "({n} ** 0.5)",
        "number({t}, {t}, {t})", 'number({t}, " ", ".")',
        "count({w})", "index of([{t}, {t}], {t})[1]", "[{{a: {n}}}, {{a: {n}}}][2].a", "(function(x) x + {n})({n})",
        '(({d} - {d}) * {n} / @"P7D")',
    ],
    "m": [
        "({m} + {p})", "({m} - {p})", "({p} + {m})", "({m} + {q})", "({m} - {q})", "date and time({m}, {k})",
        "(if {b} then {m} else {m})",
    ],
    "k": ["({k} + {p})", "({k} - {p})", "time({m})", "time({d})", "time({s}, {s}, {n})", "time({n}, 1, 0, {p})"],
    "p": ["({m} - {m})", "({m} - {d})", "({d} - {m})", "({k} - {k})", "{m}.time offset", "({p} / {n})"],
    "q": ["years and months duration({m}, {m})", "years and months duration({d}, {m})", "({q} / {n})"],
    "l": [
        "append({l}, {n})", "concatenate({l}, {l})", "reverse([{n}, {s}])", "remove([{n}, {s}], {s})",
        "insert before([{n}, {s}], {n}, {n})",
        "list replace([{n}, {s}], {s}, {n})", "sublist([{n}, {s}, 5], {n}, {s})",
        "distinct values({l})", "union({l}, {l})", "index of([{n}, {n}, 1], {n})", "mode({l})", "{l}[item {c} {n}]",
        "sort({l}, function(x, y) x < y)", "(for a in [{n}, {n}], b in [{n}, {n}] return a + b)",
        "(for a in [1, 2], b in 1..a return {n} * b)", "list replace([{n}, 1], function(i, j) i {c} j, {n})",
        "flatten([[{n}], [{n}, [{n}]]])",
    ],
    "w": [
        "append({w}, {t})", "distinct values({w})", "sort({w}, function(x, y) x > y)", "reverse([{t}, {t}])",
        "{w}[item != {t}]",
    ],
    "t": [
        "string({n})", "string({b})", "string({p})", "string({q})", "string join([{t}, {t}], {t})",
        "string join(sort({w}, function(x, y) x < y))", "[{t}, {t}][{n}]", "{{a: {t}}}.a",
        "string({m})", "string({k})", "({t} + {t})", "substring({t}, {n}, {n})", "substring after({t}, {t})",
        "string({d})", "day of week({m})",
    ],
    "d": ["date({m})", "({d} + {p})", "({d} - {q})"],
    "b": [
        "list contains({l}, {n})", "list contains({w}, null)", "({n} instance of number)", "is({n}, {n})",
        "is({m}, {m})", "({{a: {n}, b: {t}}} = {{b: {t}, a: {n}}})", "overlaps([{n}..{n}], ({n}..{n}])",
        "before({n}, [{n}..{n}))", "finishes([{d}..{d}], [{d}..{d}])", "({n} in {l})", "([{n}..{n}] = [{n}..{s}])",
        "({m} {c} {m})", "({k} {c} {k})", "({m} in ({m}, [{m}..{m}]))", "({p} {c} {p})", "({q} {c} {q})",
        "(some m in [{m}, {m}] satisfies m {c} {m})", "({n} {c} {n})", "({t} {c} {t})", "({d} {c} {d})",
        "({b} and {b})", "({b} or {b})", "not({b})",
        "({n} between {n} and {n})", "({n} in ({n}, {s}, [{s}..{n}), > {n}))", "({t} in ({t}, {t}))",
        "(some t in tax satisfies t.revenue {c} {n} or {b})", "(every c in credit satisfies c.is_serious or {b})",
        "(some t in tax satisfies count(tax[year {c} t.year]) > {s})", "({n} = null)", "({t} != null)",
        "({d} = null)", "contains({t}, {t})", "starts with({t}, {t})", "([{n}, {n}] = [{n}, {n}])",
        "({n} in tax.year)", "(company.founded_on {c} min(credit[listed_on {c} {d}].listed_on))",
    ],
}  # fmt: skip
