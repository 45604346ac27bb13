"""The sentences of refusals: code, English, Chinese."""

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    # The text.
    "empty": ("Write a rule; there is nothing here yet.", "请输入规则，这里还是空的。"),
    "too_long": (
        "The rule has {length} characters; {limit} is the most. Split it into several clauses.",
        "规则有 {length} 个字符，最多 {limit} 个，请拆成几个条件。",
    ),
    "too_many_parts": (
        "The rule has {count} parts; {limit} is the most. Split it into several clauses.",
        "规则有 {count} 个组成部分，最多 {limit} 个，请拆成几个条件。",
    ),
    "too_deep": (
        "The rule is nested more than {limit} levels deep. Split it into several clauses.",
        "规则嵌套超过 {limit} 层，请拆成几个条件。",
    ),
    "ends_early": ("The rule ends too early: something is missing after the last word.", "规则不完整，末尾还缺内容。"),
    "unexpected": ("“{found}” does not fit here.", "“{found}”不该出现在这里。"),
    "expected": (
        "“{found}” does not fit here; “{wanted}” is expected.",
        "“{found}”不该出现在这里，此处应为“{wanted}”。",
    ),
    "strange_character": ("The character “{found}” means nothing in a rule.", "规则里不能使用字符“{found}”。"),
    "write_instead": ("Write {instead} instead of “{found}”.", "请用 {instead} 代替“{found}”。"),
    "open_text": ('This text is not closed; add a “"” at its end.', '这段文字没有结束，请在末尾补上“"”。'),
    "open_comment": ("This comment is not closed; add “*/”.", "这段注释没有结束，请补上“*/”。"),
    "bad_escape": ("“{found}” is not an escape that FEEL knows.", "“{found}”不是 FEEL 认识的转义。"),
    "bad_character": (
        "A text may not hold the character {found}; the database cannot store it.",
        "文字中不能有字符 {found}，数据库无法保存。",
    ),
    "number_too_long": (
        "A number may have at most {limit} significant digits and an exponent from −{limit} to {limit}.",
        "数字最多 {limit} 位有效数字，指数在 −{limit} 与 {limit} 之间。",
    ),
    "bad_date": ("“{found}” is not a date; write it like 2024-03-31.", "“{found}”不是日期，请写成 2024-03-31 的样子。"),
    "bad_time": ("“{found}” is not a time; write it like 23:59:00.", "“{found}”不是时刻，请写成 23:59:00 的样子。"),
    "bad_date_and_time": (
        "“{found}” is not a date and time; write it like 2024-03-31T23:59:00.",
        "“{found}”不是日期时间，请写成 2024-03-31T23:59:00 的样子。",
    ),
    "bad_duration": (
        "“{found}” is not a duration; write it like P1Y6M or P10D.",
        "“{found}”不是时长，请写成 P1Y6M 或 P10D 的样子。",
    ),
    "bad_moment": (
        "“{found}” is neither a date like 2024-03-31, a time like 23:59:00, nor a duration like P1Y6M or P10D.",
        "“{found}”既不是 2024-03-31 这样的日期，也不是 23:59:00 这样的时刻，也不是 P1Y6M 或 P10D 这样的时长。",
    ),
    "named_zone": (
        "What a named time zone shows is worked out from written values only; write an offset such as +08:00.",
        "具名时区只能用于直接写出的值，请改写为 +08:00 这样的时差。",
    ),
    "year": ("A date's year is from {first} to {last}.", "日期的年份在 {first} 与 {last} 之间。"),
    "unsupported": ("{what} is not part of this rule language.", "本规则语言不支持 {what}。"),
    # Names.
    "unknown_name": ("There is no fact called “{name}”.", "没有名为“{name}”的事实。"),
    "unknown_name_near": (
        "There is no fact called “{name}”. Did you mean “{nearest}”?",
        "没有名为“{name}”的事实，是否指“{nearest}”？",
    ),
    "unknown_fact": ("“{group}” has no fact “{name}”.", "“{group_zh}”没有名为“{name}”的事实。"),
    "unknown_fact_near": (
        "“{group}” has no fact “{name}”. Did you mean “{nearest}”?",
        "“{group_zh}”没有名为“{name}”的事实，是否指“{nearest}”？",
    ),
    "unknown_part": (
        "A {type} has no part “{name}”. It has: {parts}.",
        "{type_zh}没有“{name}”这一部分，可用的有：{parts}。",
    ),
    "no_parts": ("A {type} has no parts, so “.{name}” means nothing.", "{type_zh}没有组成部分，“.{name}”没有意义。"),
    "unknown_function": ("There is no function “{name}”.", "没有名为“{name}”的函数。"),
    "unknown_function_near": (
        "There is no function “{name}”. Did you mean “{nearest}”?",
        "没有名为“{name}”的函数，是否指“{nearest}”？",
    ),
    "function_without_call": (
        "“{name}” is a function; give it its arguments in parentheses.",
        "“{name}”是函数，请在括号里写上参数。",
    ),
    "value_by_name": (
        'A value is written by its code, as a text: write "{value}" instead of {name}.',
        '取值要写代码，并加引号：请写 "{value}"，不要写 {name}。',
    ),
    "fact_without_group": (
        "A fact is named with its group: {paths}, instead of “{name}” alone.",
        "事实要连同所属的数据一起写：请写 {paths}，不要只写“{name}”。",
    ),
    "group_as_value": (
        "“{name}” is a whole record; name the fact you mean, such as {example}.",
        "“{name_zh}”是一整条记录，请指明其中的事实，例如 {example_zh}。",
    ),
    "list_as_value": (
        "“{name}” is a list of records; filter it and name a fact, or count it.",
        "“{name_zh}”是一组记录，请加筛选条件并指明事实，或用 count() 计数。",
    ),
    # Types.
    "wrong_result": (
        "The rule gives {found}, but {wanted} is needed here.",
        "规则的结果是{found_zh}，这里需要{wanted_zh}。",
    ),
    "wrong_operands": (
        "“{symbol}” does not go between {left} and {right}.",
        "“{symbol}”不能用于{left_zh}和{right_zh}之间。",
    ),
    "wrong_operand": ("“{symbol}” does not go before {found}.", "“{symbol}”不能用于{found_zh}。"),
    "cannot_compare": ("{left} cannot be compared with {right}.", "{left_zh}不能与{right_zh}比较。"),
    "day_as_text": (
        '{left} cannot be compared with {right}; a day is written date("2024-03-31").',
        '{left_zh}不能与{right_zh}比较；日期请写成 date("2024-03-31")。',
    ),
    "days_as_number": (
        '{left} cannot be compared with {right}; compare with duration("P365D"), or take the .days of the duration.',
        '{left_zh}不能与{right_zh}比较；请与 duration("P365D") 比较，或取时长的 .days。',
    ),
    "days_beside_day": (
        '“{symbol}” does not go between {left} and {right}; write day {symbol} duration("P30D") for 30 days, '
        'duration("P12M") for 12 months.',
        '“{symbol}”不能用于{left_zh}和{right_zh}之间；加减 30 天请写成 日期 {symbol} duration("P30D")，'
        '12 个月写成 duration("P12M")。',
    ),
    "no_order": ("{found} has no order, so “{symbol}” means nothing.", "{found_zh}没有大小之分，不能使用“{symbol}”。"),
    "not_boolean": ("“{place}” needs a yes-or-no condition, not {found}.", "“{place}”需要是非条件，而不是{found_zh}。"),
    "wrong_arguments": (
        "“{name}” cannot be used with {found}. It takes: {wanted}.",
        "“{name}”不能用于{found_zh}，可用的写法：{wanted}。",
    ),
    "mixed_list": (
        "A list holds one kind of value; this one mixes {left} and {right}.",
        "列表只能放同一种值，这里混有{left_zh}和{right_zh}。",
    ),
    "nested_list": ("A list inside a list is not part of this rule language.", "本规则语言不支持列表中的列表。"),
    "not_a_list": ("A filter needs a list, not {found}.", "筛选只能用于列表，不能用于{found_zh}。"),
    "no_position": (
        "The records of “{name}” have no order, so a position means nothing; filter them by a condition.",
        "“{name}”的记录没有先后次序，不能按位置取，请用条件筛选。",
    ),
    "empty_tests": ("List at least one value after “in”.", "“in”后面至少要有一个值。"),
    "null_operand": ("“null” cannot be tested with “in”; write “= null”.", "不能对 null 使用“in”，请写“= null”。"),
    "null_range": ("A range needs both of its ends.", "区间的两端都要写明。"),
    "stray_test": (
        "“!=” in parentheses is no range; write it after “in”.",
        "括号里的“!=”不是区间，只能写在“in”后面。",
    ),
    "bad_range": (
        'This is not a range of two written values in order, such as "[1..3]".',
        '这不是由两个按顺序写出的值构成的区间，请写成 "[1..3]" 的样子。',
    ),
    # Contexts, nested lists, functions.
    "duplicate_entry": ("The context has two entries “{name}”.", "上下文里有两个“{name}”。"),
    "unknown_entry": ("There is no entry “{name}” here.", "这里没有名为“{name}”的条目。"),
    "unknown_entry_near": (
        "There is no entry “{name}” here. Did you mean “{nearest}”?",
        "这里没有名为“{name}”的条目，是否指“{nearest}”？",
    ),
    "bad_entries": (
        "Each entry needs a “key” of its own that is a written text, and a “value”.",
        "每个条目都要有各不相同、直接写出的文字“key”，以及“value”。",
    ),
    "structure_filter": (
        "A list of contexts can only be filtered by conditions over written values, not over facts.",
        "上下文列表只能用直接写出的值筛选，不能用事实筛选。",
    ),
    "structure_choice": (
        "A choice between lists or contexts cannot depend on facts; choose between their values.",
        "不能根据事实在列表或上下文之间选择，请在其中的值之间选择。",
    ),
    "structure_loop": (
        "This loop would give a list of lists or contexts for values that are not written; give one value for each.",
        "这个循环会对未直接写出的值给出嵌套列表或上下文，请让每次循环只给出一个值。",
    ),
    "loops_over_records": (
        "A loop over the records of two departments needs a filter that says which belong together,"
        " such as “for x in a, y in b[month = x.month]”.",
        "同时遍历两个部门的记录时，要用筛选说明哪些记录对应，例如“for x in a, y in b[month = x.month]”。",
    ),
    "bad_series": (
        "A loop runs from one written whole number or date to another that is not before it, both included.",
        "循环要从一个直接写出的整数或日期到另一个不更早的值，且两端都包含在内。",
    ),
    "no_series": (
        "A loop cannot run from {left} to {right}; it runs between whole numbers, or between dates.",
        "循环不能从{left_zh}到{right_zh}，只能在整数之间或日期之间。",
    ),
    "long_series": ("A loop has at most {limit} steps.", "循环最多 {limit} 步。"),
    "partial": (
        "“partial” needs a loop over a written list or between written numbers.",
        "“partial”只能用于遍历直接写出的列表或数字区间的循环。",
    ),
    "not_a_function": ("{found} cannot be called like a function.", "{found_zh}不能像函数一样调用。"),
    "wrong_parameters": ("This function takes: {parameters}.", "这个函数的参数是：{parameters}。"),
    "sort": (
        "“sort” takes a list and function(x, y) x < y, or with “>”.",
        "“sort”需要一个列表和 function(x, y) x < y，或用“>”。",
    ),
    "no_order_in_records": (
        "“{name}” looks at positions, and a department's records have no order; sort them first.",
        "“{name}”要看位置，而部门记录没有先后次序，请先用 sort 排序。",
    ),
    "written_pattern": (
        "The pattern, the flags and the replacement must be written texts, not worked out from facts.",
        "模式、标志和替换内容必须是直接写出的文字，不能由事实得出。",
    ),
    "bad_pattern": (
        "This is no pattern here; a pattern has characters, [ ], ( ), |, *, +, ?, {{n}}, ^, $, \\d, \\s and \\w.",
        "这不是本规则语言的模式，可用：字符、[ ]、( )、|、*、+、?、{{n}}、^、$、\\d、\\s、\\w。",
    ),
    "pattern_reference": (
        "A pattern may not refer back to a group with “\\1”; write out what is to come again.",
        "模式中不能用“\\1”引用前面的分组，请把要重复的内容直接写出。",
    ),
    "written_duration": (
        'duration(…) takes a written text, like duration("P1Y6M") or duration("P30D"): it decides whether months or'
        " days are counted, so it cannot come from a fact.",
        'duration(…) 的内容要直接写出，例如 duration("P1Y6M")、duration("P30D")：'
        "它决定按月还是按天计算，因此不能取自事实。",
    ),
    "bad_flags": ("The flags of a pattern are of s, m, i and x.", "模式的标志只能是 s、m、i 和 x。"),
    "pattern_too_large": (
        "The pattern is too large, or repeats too often; write a simpler one.",
        "模式太大或重复次数太多，请写简单一些。",
    ),
    "pattern_repeats": (
        "A repeated group may not hold repetitions or branches of its own; write a simpler pattern.",
        "重复的分组里不能再有重复或分支，请写简单一些。",
    ),
    "pattern_ambiguous": (
        "This pattern could match in several ways; to replace or split, use at most one repetition and no “|”.",
        "这个模式可能有多种匹配方式；替换或拆分时最多用一处重复，且不用“|”。",
    ),
    "pattern_empty": (
        "This pattern would match nothing at all, between any two characters; let it match one character at least.",
        "这个模式会匹配空内容，请让它至少匹配一个字符。",
    ),
    "bad_replacement": (
        "In the replacement, “$” stands before a digit and “\\” before “$” or “\\”.",
        "替换内容里“$”后面要有数字，“\\”后面要有“$”或“\\”。",
    ),
    "unknown_type": ("There is no type “{name}”.", "没有名为“{name}”的类型。"),
    "no_answer": (
        "A range or a function is no answer; say what to do with it.",
        "区间或函数本身不是结果，请写明用它做什么。",
    ),
    "exponent": (
        "The exponent of “**” must be from −{limit} to {limit}.",
        "“**”的指数必须在 −{limit} 与 {limit} 之间。",
    ),
    "number_too_wide": (
        "A number in this rule could come to more than {limit} digits, or {decimals} decimals, which is more than the"
        " database holds; multiply or divide fewer times.",
        "此规则中的某个数可能超过 {limit} 位，或超过 {decimals} 位小数，数据库存不下，请减少相乘或相除的次数。",
    ),
    "wide_roundings": (
        "At most {limit} roundings may have a scale that is worked out; write the others' scales as numbers.",
        "最多 {limit} 处舍入可以使用计算得出的小数位数，其余请直接写明。",
    ),
    "branches": (
        "Both branches of “if” must be of one kind; here one is {left} and the other {right}.",
        "“if”的两个分支必须同类，这里一个是{left_zh}，另一个是{right_zh}。",
    ),
    "list_equality": (
        "Lists cannot be compared as a whole; compare their values.",
        "不能整体比较列表，请比较其中的值。",
    ),
}
