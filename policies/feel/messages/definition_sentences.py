"""The sentences about parameters, decision tables and named clauses: code, English, Chinese."""

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    "retired_subject": (
        "There is no dataset any more whose rows are called “{name}”; choose again what is paid once for.",
        "已经没有单行称为“{name}”的数据了，请重新选择补贴对象。",
    ),
    "bad_name": (
        "“{name}” cannot be a name in rules: letters, digits and “_” only, not beginning with a digit,"
        " at most {limit} characters.",
        "“{name}”不能用作规则中的名称：只能用文字、数字和“_”，不能以数字开头，最多 {limit} 个字符。",
    ),
    "reserved_name": (
        "“{name}” is a word of the rule language; choose another name.",
        "“{name}”是规则语言自己的词，请换一个名称。",
    ),
    "result_name": (
        "“{name}” is what a policy's file calls its own result; choose a name that says more.",
        "“{name}”是政策文件中结果的名称，请换一个更具体的名称。",
    ),
    "name_taken": (
        "“{name}” is a department's fact already; choose another name.",
        "“{name}”已经是部门数据的名称，请换一个名称。",
    ),
    "name_twice": (
        "Two definitions are called “{name}”; rename one of them.",
        "有两个定义都叫“{name}”，请改掉其中一个。",
    ),
    "bad_value": ("{value} is not a number that a parameter can have.", "参数值不能是 {value}。"),
    "bad_district": (
        "“{found}” is not a district's code; it has six digits, such as 330106.",
        "“{found}”不是区县代码，应为六位数字，例如 330106。",
    ),
    "too_many_values": (
        "The parameter “{name}” has too many values; {limit} is the most.",
        "参数“{name}”的取值过多，最多 {limit} 个。",
    ),
    "value_twice": (
        "The parameter “{name}” has two values for the same district and day.",
        "参数“{name}”在同一区县、同一日期有两个值。",
    ),
    "parameter_without_district": (
        "“{name}” differs by district, but the district of a company is not known here.",
        "“{name}”按区县取值，但这里不知道企业所属区县。",
    ),
    "parameter_arguments": (
        "“{name}” takes one date, or a period such as “2023-02”: the value in force on that day.",
        "“{name}”需要一个日期或“2023-02”这样的期间，得到当日有效的值。",
    ),
    "clause_with_arguments": (
        "“{name}” is a condition; write its name alone.",
        "“{name}”是一个条件，只需写名称。",
    ),
    "table_arguments": (
        "The table “{name}” takes {wanted} values, one for each column, or none; here are {count}.",
        "决策表“{name}”按列需要 {wanted} 个值，或者一个都不写，这里有 {count} 个。",
    ),
    "bad_hit_policy": (
        "“{found}” is not a hit policy of this rule language; it knows {known}.",
        "本规则语言没有命中规则“{found}”，可用的有：{known}。",
    ),
    "bad_input_count": (
        "A decision table has 1 to {limit} inputs; this one has {count}.",
        "决策表要有 1 至 {limit} 个输入列，这里有 {count} 个。",
    ),
    "bad_row_count": (
        "A decision table has 1 to {limit} rows; this one has {count}.",
        "决策表要有 1 至 {limit} 行，这里有 {count} 行。",
    ),
    "bad_cell_count": (
        "Row {row} has {count} cells; the table has {wanted} inputs.",
        "第 {row} 行有 {count} 个单元格，而决策表有 {wanted} 个输入列。",
    ),
    "cell_too_long": (
        "Row {row}, column {column} is too long; {limit} characters is the most.",
        "第 {row} 行第 {column} 列过长，最多 {limit} 个字符。",
    ),
    "output_too_long": (
        "The output of row {row} is too long; {limit} characters is the most.",
        "第 {row} 行的结果过长，最多 {limit} 个字符。",
    ),
    "cell_refused": (
        "Row {row}, column {column}: {reason}",
        "第 {row} 行第 {column} 列：{reason_zh}",
    ),
    "input_refused": ("Column {column}: {reason}", "第 {column} 列：{reason_zh}"),
    "output_refused": ("Output of row {row}: {reason}", "第 {row} 行的结果：{reason_zh}"),
    "not_comparable": (
        "A column of a decision table looks at one value, not at {found}.",
        "决策表的一列只能看一个值，不能是{found_zh}。",
    ),
    "mixed_outputs": (
        "The outputs of a decision table are of one kind; row 1 gives {left}, row {row} {right}.",
        "决策表各行的结果必须同类，第 1 行是{left_zh}，第 {row} 行是{right_zh}。",
    ),
    "outputs_not_numbers": (
        "The hit policy “C+” adds the outputs, so they have to be numbers, not {found}.",
        "命中规则“C+”把结果相加，结果必须是数字，而不是{found_zh}。",
    ),
    "rows_overlap": (
        "Rows {rows} overlap: both match {where}; under “U” nothing is decided there.",
        "第 {rows} 行重叠：{where_zh}时都命中；按“U”这种情况没有结果。",
    ),
    "rows_gap": (
        "No row matches {where}; nothing is decided there.",
        "{where_zh}时没有一行命中，这种情况没有结果。",
    ),
    "row_unreachable": (
        "Row {rows} never counts: the rows above it match first.",
        "第 {rows} 行永远不会生效：它上面的行总是先命中。",
    ),
    "definition_refused": ("“{name}”: {reason}", "“{name_zh}”：{reason_zh}"),
    "bad_table_shape": (
        "The table “{name}” is not written as inputs and rows of text; enter it anew.",
        "决策表“{name}”的内容不是由文字组成的输入列和行，请重新填写。",
    ),
    "definition_cycle": (
        "Names that call each other in a circle mean nothing: {cycle}.",
        "名称循环引用，没有意义：{cycle}。",
    ),
    "too_large_in_full": (
        "Written out with everything it calls by name, the rule has {count} parts; {limit} is the most.",
        "把引用的名称全部展开后，规则有 {count} 个组成部分，最多 {limit} 个。",
    ),
    "too_deep_in_full": (
        "Written out with everything it calls by name, the rule is nested more than {limit} levels deep.",
        "把引用的名称全部展开后，规则嵌套超过 {limit} 层。",
    ),
}
