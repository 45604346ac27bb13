"""Versions as SQL: for each row that a policy decides, its clauses, its amount and the facts behind them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from psycopg.sql import SQL, Composable, Identifier, Literal

from companies.contracts.facts import catalogue
from companies.models import Company, CompanyDistrict, Employee
from policies.feel.sql.fact_joins import FactJoins
from policies.feel.terms import Comparison, Expression
from policies.feel.types.types import FeelType
from policies.models import PolicyVersion, Pool
from policies.rules.company_set import CompanyRange, CompanySet
from policies.rules.list_join import ListJoin, list_join_of
from policies.rules.rules import CheckedRules, checked_rules_of
from policies.subjects import SubjectRows, known_subjects
from qinqing.kernel.money import LARGEST_CNY

_NULL_ID = SQL("NULL::bigint")
_NULL_CNY = SQL("NULL::numeric")
# An optimisation fence: PostgreSQL works out the SELECT that ends so as it stands, and applies the conditions of the
# query around it afterwards. Without it a rule would be worked out once for each place that mentions its column.
FENCE = SQL(" OFFSET 0")
# How the compiled rules name the company's district.
_DISTRICT = 'c."district"'
# Facts about people have no firm of their own, so that a range of company ids does not say which of them count.
_PERSONS = frozenset({"employee", "spouse"})
# PostgreSQL's functions take at most 100 arguments, two for each name and value.
_PAIRS_PER_CALL = 40


@dataclass(frozen=True, slots=True)
class CompiledVersion:
    """
    One version as SQL over the rows of its `CompiledSet`.

    `clauses` are three-valued. `amount` is rounded half up to the fen and capped; `pays` says whether it is an amount
    to pay. `payee` is the credit code of a third party; it is empty where somebody else is paid or the code is unknown.
    For a pool that is divided in proportion, `base` is the amount before the cap, and `limit` the largest portion;
    elsewhere both are null. `facts` are the values that the rules look at, by their text in the rule language.
    `distances` has, for each clause that compares two numbers, how far these lie apart. The datasets of `stale` count
    as unknown. With a `list_join` the amount is at most the amount on a department's list, and nobody is paid whom the
    list does not name.
    """

    version: PolicyVersion
    rules: CheckedRules
    rows: SubjectRows
    key: Composable
    period: Composable
    clauses: tuple[Composable, ...]
    amount: Composable
    base: Composable
    limit: Composable
    payee: Composable
    pays: Composable
    facts: Mapping[str, Composable]
    distances: tuple[Composable | None, ...]
    stale: frozenset[str]
    list_join: ListJoin | None = None

    @property
    def stale_rows(self) -> frozenset[str]:
        """The stale datasets that say which rows there are: while they are old, no row pays."""
        return self.rows.reads & self.stale

    @property
    def holds(self) -> Composable:
        """Whether every clause is true, none of them unknown, and there is something to pay."""
        conditions = [SQL("({}) IS TRUE").format(rule) for rule in (*self.clauses, self.pays)]
        return SQL("({})").format(SQL(" AND ").join(conditions))

    @property
    def fails(self) -> Composable:
        """Whether a clause is false, or all is known and there is nothing to pay."""
        conditions = [SQL("({}) IS FALSE").format(rule) for rule in (*self.clauses, self.pays)]
        return SQL("({})").format(SQL(" OR ").join(conditions))


@dataclass(frozen=True, slots=True)
class CompiledSet:
    """
    Several versions over one FROM, so that their common facts are joined and aggregated once.

    The FROM (`source`) has the company `c`, the item's row `i`, the person `p`, and the joined facts. If `is_located`,
    `c.district` is the company's district on the as-of date. `employee_id`, `starts` and `item_id` are SQL over the
    FROM. `plausible` is a cheap condition on a row itself; where it is not true, no version holds for the row.
    """

    versions: tuple[CompiledVersion, ...]
    source: Composable
    plausible: Composable
    employee_id: Composable
    item_id: Composable
    starts: Composable
    is_located: bool


def compile_versions(
    *,
    versions: Sequence[PolicyVersion],
    as_of_on: dt.date,
    stale: frozenset[str],
    companies: CompanySet | None,
    keeps_itemless: bool = False,
    joins_lists: bool = True,
    always_locates: bool = True,
) -> CompiledSet:
    """
    Compile versions whose rows come from the same dataset.

    `companies` narrows the rows and every aggregate to some companies. With `keeps_itemless` a company without an item
    has one row, whose item is unknown, so that the conditions on the company itself still have a value. Without
    `joins_lists` the departments' lists do not count, as for a draft that has none yet. Without `always_locates` the
    district is joined only if a rule asks for it.

    Raises:
        RuleRefused: a rule of a version does not check any more.
    """
    rows = known_subjects()[versions[0].subject]
    assert all(known_subjects()[version.subject].item == rows.item for version in versions)
    joins = _joins(rows, stale, companies, as_of_on)
    compiled = tuple(
        compile_version(
            version=version,
            rules=checked_rules_of(version),
            joins=joins,
            list_join=list_join_of(version) if joins_lists else None,
        )
        for version in versions
    )
    item = rows.item != ""
    lists = [each.list_join.join for each in compiled if each.list_join]
    is_located = always_locates or any(_asks_district(each) for each in compiled)
    source = _rows(rows, as_of_on if is_located else None, companies, keeps_itemless=keeps_itemless)
    return CompiledSet(
        versions=compiled,
        source=SQL("\n").join([source, joins.joins(), *lists]),
        plausible=SQL(" OR ").join(_clauses_without_joins(version, stale) for version in compiled)
        if item
        else SQL("true"),
        employee_id=SQL("i.employee_id") if rows.is_person else _NULL_ID,
        item_id=SQL("i.id") if item else _NULL_ID,
        starts=SQL(rows.starts),
        is_located=is_located,
    )


def _asks_district(compiled: CompiledVersion) -> bool:
    parts = (*compiled.clauses, compiled.amount, compiled.limit, *compiled.facts.values())
    return any(_DISTRICT in part.as_string(None) for part in parts)


def rule_statements(
    *, version: PolicyVersion, as_of_on: dt.date, stale: frozenset[str], companies: CompanySet | None
) -> tuple[Composable, ...]:
    """
    A statement for each clause, and a last one for the amount; each joins the facts of its own rule alone.

    Raises:
        RuleRefused: a rule of the version does not check any more.
    """
    rules = checked_rules_of(version)
    return tuple(
        rule_statement(rule=rule, subject=version.subject, as_of_on=as_of_on, stale=stale, companies=companies)
        for rule in (*rules.clauses, rules.amount)
    )


def rule_statement(
    *, rule: Expression, subject: str, as_of_on: dt.date, stale: frozenset[str], companies: CompanySet | None
) -> Composable:
    """A statement that gives the `value` of one rule for each row of a subject, and joins nothing else."""
    rows = known_subjects()[subject]
    joins = _joins(rows, stale, companies, as_of_on)
    value = joins.value(rule)
    source = SQL("\n").join([_rows(rows, as_of_on, companies, keeps_itemless=False), joins.joins()])
    return SQL("SELECT {} AS value FROM {}").format(value, source)


def _joins(
    rows: SubjectRows, stale: frozenset[str], companies: CompanySet | None, as_of_on: dt.date | None = None
) -> FactJoins:
    bound: dict[str, Composable] = {"company": SQL("c")}
    owners: dict[str, Composable] = {"company": SQL("c.id")}
    if rows.item:
        bound[rows.item] = SQL("i")
    if rows.is_person:
        owners |= {"employee": SQL("i.employee_id"), "spouse": SQL("p.spouse_id")}
    within = {} if companies is None else {"company": companies}
    return FactJoins(
        catalogue(item=rows.item),
        owners=owners,
        bound=bound,
        stale=stale,
        within=within,
        records_within=within if isinstance(companies, CompanyRange) else {},
        looked_up=_PERSONS if companies is not None else frozenset(),
        as_of=as_of_on,
    )


def district_query(company_id: Composable, as_of_on: dt.date) -> Composable:
    """The SELECT of a company's district on a day, null before its first."""
    return SQL(
        "SELECT o.district_id FROM {districts} AS o WHERE o.company_id = {company} AND o.valid_from <= {as_of}"
        " ORDER BY o.valid_from DESC LIMIT 1"
    ).format(districts=Identifier(CompanyDistrict._meta.db_table), company=company_id, as_of=Literal(as_of_on))


def _rows(
    rows: SubjectRows, located_on: dt.date | None, companies: CompanySet | None, *, keeps_itemless: bool
) -> Composable:
    """The FROM without facts: companies, with their districts on a day if one is given, their items and people."""
    where = _company_condition(companies, SQL("company.id"))
    district: Composable = SQL("")
    located: Composable = SQL("")
    if located_on:
        district = SQL(", located.district_id AS district")
        located = SQL(" LEFT JOIN ({}) AS located ON located.company_id = company.id").format(
            _districts(located_on, companies)
        )
    company = SQL("(SELECT company.*{district} FROM {companies} AS company{located} WHERE {where}) AS c").format(
        district=district, companies=Identifier(Company._meta.db_table), located=located, where=where
    )
    parts, join = [company], SQL("LEFT JOIN" if keeps_itemless else "JOIN")
    if rows.item:
        relation = catalogue(item=rows.item).groups[rows.item].relation
        near = companies(SQL("i.company_id")) if isinstance(companies, CompanyRange) else SQL("true")
        parts.append(SQL("{} {} AS i ON i.company_id = c.id AND {}").format(join, Identifier(relation), near))
    if rows.is_person:
        parts.append(SQL("{} {} AS p ON p.id = i.employee_id").format(join, Identifier(Employee._meta.db_table)))
    return SQL("\n").join(parts)


def _districts(as_of_on: dt.date, companies: CompanySet | None) -> Composable:
    """Each company's district on a day, read in the order of the index; one look-up a company costs twice as much."""
    return SQL(
        "SELECT DISTINCT ON (o.company_id) o.company_id, o.district_id FROM {districts} AS o"
        " WHERE o.valid_from <= {as_of} AND {where} ORDER BY o.company_id, o.valid_from DESC"
    ).format(
        districts=Identifier(CompanyDistrict._meta.db_table),
        as_of=Literal(as_of_on),
        where=_company_condition(companies, SQL("o.company_id")),
    )


def _company_condition(companies: CompanySet | None, company_id: Composable) -> Composable:
    return SQL("true") if companies is None else companies(company_id)


def compile_version(
    *, version: PolicyVersion, rules: CheckedRules, joins: FactJoins, list_join: ListJoin | None = None
) -> CompiledVersion:
    """Compile one version; `joins` collects the facts that its rules need, `list_join` adds a department's list."""
    rows = known_subjects()[version.subject]
    amount = whole = SQL("round({}, 2)").format(joins.value(rules.amount))
    limit = SQL("round({}, 2)").format(joins.value(rules.limit)) if rules.limit else None
    is_divided = version.pool == Pool.PROPORTIONAL
    cap = None if version.cap_cny is None else Literal(version.cap_cny)
    for most in (limit, cap, list_join.amount if list_join else None):
        # least() would pass over an amount that is unknown.
        amount = SQL("CASE WHEN {0} > {1} THEN {1} ELSE {0} END").format(amount, most) if most else amount
    return CompiledVersion(
        version=version,
        rules=rules,
        rows=rows,
        key=rows.key,
        period=Literal(version.period_label) if rows.period is None else rows.period,
        clauses=tuple(joins.value(clause) for clause in rules.clauses),
        amount=amount,
        base=whole if is_divided else _NULL_CNY,
        limit=limit or _NULL_CNY,
        payee=_payee(rules.payee, joins),
        pays=_named_by_list(
            _known_unless_stale(
                pays_condition(version, rules, amount=amount, base=whole, limit=limit or _NULL_CNY), rows, joins
            ),
            list_join,
        ),
        facts={mention.text: joins.term(mention.term) for mention in rules.mentions},
        distances=tuple(_distance(clause, joins) for clause in rules.clauses),
        stale=joins.stale,
        list_join=list_join,
    )


def _known_unless_stale(pays: Composable, rows: SubjectRows, joins: FactJoins) -> Composable:
    # The rows of a stale dataset can still be joined, but nobody knows whether they are true today.
    return SQL("(NULL::boolean AND {})").format(pays) if rows.reads & joins.stale else pays


def _named_by_list(pays: Composable, list_join: ListJoin | None) -> Composable:
    return SQL("({} AND {})").format(list_join.names, pays) if list_join else pays


def _payee(rule: Expression | None, joins: FactJoins) -> Composable:
    # A text of another length is no credit code and names nobody; a longer one would abort the whole statement.
    if rule is None:
        return SQL("''")
    return SQL("CASE WHEN length({0}) = 18 THEN {0} ELSE '' END").format(joins.value(rule))


def _distance(clause: Expression, joins: FactJoins) -> Composable | None:
    node = clause.node
    if not isinstance(node, Comparison) or node.left.type != FeelType.NUMBER:
        return None
    left, right = (joins.value(Expression(clause.text, side, side.type)) for side in (node.left, node.right))
    return SQL("abs({} - {})").format(left, right)


def _clauses_without_joins(compiled: CompiledVersion, stale: frozenset[str]) -> Composable:
    """The condition that the clauses of a version hold which need no joined fact, and that a list names the row."""
    own = [
        clause
        for rule, clause in zip(compiled.rules.clauses, compiled.clauses, strict=True)
        if _needs_no_join(rule, compiled, stale)
    ]
    own += [compiled.list_join.names] if compiled.list_join else []
    return SQL("({})").format(
        SQL(" AND ").join(SQL("({}) IS TRUE").format(clause) for clause in own) if own else SQL("true")
    )


def _needs_no_join(rule: Expression, compiled: CompiledVersion, stale: frozenset[str]) -> bool:
    joins = _joins(compiled.rows, stale, None)
    joins.value(rule)
    return joins.joins() == SQL("\n").join([])


def pays_condition(
    version: PolicyVersion, rules: CheckedRules, *, amount: Composable, base: Composable, limit: Composable
) -> Composable:
    """The condition that the amount is one to pay; `base` is the amount before the cap and the limit."""
    # A mistake in a rule can give an amount that the column does not hold; it would abort the whole statement.
    # While the limit is unknown, so is the portion.
    is_divided = version.pool == Pool.PROPORTIONAL
    stored = [base if is_divided else amount, *([limit] if rules.limit else [])]
    bounds = [SQL("{} <= {}").format(each, Literal(LARGEST_CNY)) for each in stored]
    conditions = [SQL("{} > 0").format(amount), *bounds]
    # The minimum counts for the portion, which is known only when the pool is divided.
    if version.minimum_cny is not None and not is_divided:
        conditions.append(SQL("{} >= {}").format(amount, Literal(version.minimum_cny)))
    return SQL("({})").format(SQL(" AND ").join(conditions))


def json_object(values: Mapping[str, Composable]) -> Composable:
    """A JSON object of these values by their names."""
    pairs = [SQL("{}, {}").format(Literal(name), value) for name, value in values.items()]
    parts = [
        SQL("jsonb_build_object({})").format(SQL(", ").join(pairs[start : start + _PAIRS_PER_CALL]))
        for start in range(0, max(len(pairs), 1), _PAIRS_PER_CALL)
    ]
    return SQL(" || ").join(parts)


def named_columns(columns: Iterable[tuple[str, Composable]]) -> Composable:
    """The list of a SELECT: each expression AS its name."""
    return SQL(", ").join(SQL("{} AS {}").format(column, Identifier(name)) for name, column in columns)
