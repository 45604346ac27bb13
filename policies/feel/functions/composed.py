"""
Built-ins that the checker puts together from others, and how they are written.

The code stands with the checker: a function registers under the name by `policies.feel.checking.composition`.
"""

from __future__ import annotations

from policies.feel.functions.table import Composed

COMPOSED: dict[str, Composed] = {
    row.name: row
    for row in (
        Composed("after", "after(point or range, point or range)"),
        Composed("append", "append(list, item, …)"),
        Composed("before", "before(point or range, point or range)"),
        Composed("coincides", "coincides(point1, point2); coincides(range1, range2)"),
        Composed("context", "context(entries: list of contexts with key and value)"),
        Composed("context merge", "context merge(contexts: list of contexts)"),
        Composed("context put", "context put(context, key: string or list of strings, value)"),
        Composed(
            "duration",
            'duration(from: string), a written one like "P1Y": its text decides whether it counts months or days',
        ),
        Composed("during", "during(point or range, range)"),
        Composed("finished by", "finished by(range, point or range)"),
        Composed("finishes", "finishes(point or range, range)"),
        Composed("get entries", "get entries(m: context)"),
        Composed("get value", "get value(m: context, key: string)"),
        Composed("includes", "includes(range, point or range)"),
        Composed("is", "is(value1, value2)"),
        Composed("list contains", "list contains(list, element)"),
        Composed("matches", "matches(input: string, pattern: a written text, flags: a written text)"),
        Composed("meets", "meets(range1, range2)"),
        Composed("met by", "met by(range1, range2)"),
        Composed("not", "not(negand: boolean)"),
        Composed("overlaps", "overlaps(range1, range2)"),
        Composed("overlaps after", "overlaps after(range1, range2)"),
        Composed("overlaps before", "overlaps before(range1, range2)"),
        Composed("range", "range(from: string)"),
        Composed(
            "replace",
            "replace(input: string, pattern: a written text, replacement: a written text, flags: a written text)",
        ),
        Composed("sort", "sort(list, function(x, y) x < y)"),
        Composed("split", "split(string, delimiter: a written text)"),
        Composed("started by", "started by(range, point or range)"),
        Composed("starts", "starts(point or range, range)"),
        Composed("union", "union(list, …)"),
    )
}
