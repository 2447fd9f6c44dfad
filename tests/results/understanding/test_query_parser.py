"""What a query means, and where it points when it means nothing."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from batchtui.results.errors import QueryError
from batchtui.results.query.engine import compile_query
from batchtui.results.query.lexer import tokenize
from batchtui.results.query.manual import EXAMPLES
from batchtui.results.query.parser import narrow_query, parse_query
from batchtui.results.query.reference import FIELDS
from batchtui.results.query.syntax import And, Node, Not, Or, SortKey, Term


def show(node: Node | None) -> str:
    match node:
        case None:
            return "all"
        case Term():
            return f"{node.field}{node.operator}{node.value}"
        case Not(child):
            return f"-{show(child)}"
        case And(children):
            return "(" + " & ".join(map(show, children)) + ")"
        case Or(children):
            return "(" + " | ".join(map(show, children)) + ")"


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("", "all"),
        ("  ", "all"),
        ("sorry", "text:sorry"),
        ("two words", "(text:two & text:words)"),
        ('"two words"', "text:two words"),
        ('"a \\"b\\" \\\\ c"', 'text:a "b" \\ c'),
        ("type:errored error~credit", "(type:errored & error~credit)"),
        ("a or b c", "(text:a | (text:b & text:c))"),
        ("a and b", "(text:a & text:b)"),
        ("(a or b) c", "((text:a | text:b) & text:c)"),
        ("-a", "-text:a"),
        ("--a", "text:a"),
        ("-(a or b)", "-(text:a | text:b)"),
        ("-type:errored", "-type:errored"),
        ("in>1000 out<50 cached>0", "(in>1000 & out<50 & cached>0)"),
        ("in>=1 out<=2", "(in>=1 & out<=2)"),
        ("id~^doc-(1|2)$", "id~^doc-(1|2)$"),
        ("text~/so rry\\/x/i", "text~so rry/x"),
        ("(id~(a|b))", "id~(a|b)"),
        ("print(x)", "text:print(x)"),
        ("custom_id:a STOP:b", "(id:a & stop:b)"),
        ('error:"credit balance"', "error:credit balance"),
        ("sort:out", "all"),
        ("a or b sort:-id", "(text:a | text:b)"),
        ("[bold] <div>", "(text:[bold] & text:<div>)"),
        ('"or"', "text:or"),
        ('.total="=5"', ".total==5"),
        (".page:<b>", ".page:<b>"),
        (".page:wait...", ".page:wait..."),
        ("text:=5 raw:>5 text~=+", "(text:=5 & raw:>5 & text~=+)"),
        ("wow! .5! a!", "(text:wow! & text:.5! & text:a!)"),
        (".total!", "text:.total!"),
        (".😀 ../a=b .=5 ...=", "(text:.😀 & text:../a=b & text:.=5 & text:...=)"),
    ],
)
def test_a_query_is_read(text: str, meaning: str) -> None:
    assert show(parse_query(text).condition) == meaning


def test_the_order_is_read() -> None:
    assert parse_query("x sort:-out,id sort:row").sort == (
        SortKey("out", descending=True),
        SortKey("id"),
        SortKey("row"),
    )


@pytest.mark.parametrize(
    ("text", "narrowed"),
    [
        ("", "model=x"),
        ("a b sort:-out", "a b sort:-out model=x"),
        ("a or b", "(a or b) model=x"),
        ("sample:5 a or b sort:-out", "(a or b) model=x sample:5 sort:-out"),
        ('"a or b"', '"a or b" model=x'),
    ],
)
def test_a_query_is_narrowed_as_a_whole(text: str, narrowed: str) -> None:
    assert narrow_query(text, "model=x") == narrowed
    parse_query(narrowed)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ('sort:-."total amount"', ['-."total amount"']),
        ('sort:out,-."a, b (c)",id type:errored', ["out", '-."a, b (c)"', "id"]),
        ('x sort:.lines[0]."unit price"', ['.lines[0]."unit price"']),
    ],
)
def test_a_field_to_sort_by_may_have_spaces_in_its_name(text: str, fields: list[str]) -> None:
    keys = parse_query(text).sort
    assert [f"{'-' if key.descending else ''}{key.field}" for key in keys] == fields


def test_a_record_is_asked_for_a_field_with_spaces_in_its_name() -> None:
    condition = parse_query('has:."total amount" b').condition
    assert show(condition) == '(has:."total amount" & text:b)'


@pytest.mark.parametrize(
    ("text", "place", "hint"),
    [
        ('a "open', '"open', "Add"),
        ("id~/open", "/open", "Add"),
        ("modle:x", "modle", "model"),
        ("https://a.b", "https", "quotes"),
        ("type:", "type:", "type:errored"),
        ("a type:,", "type:,", ""),
        ("is:,,", "is:,,", ""),
        ("(has:,)", "has:,", ""),
        ("stop:,", "stop:,", ""),
        ('is:""', 'is:""', ""),
        ("type:broken", "broken", "One of"),
        ("type:errord", "errord", "errored"),
        ("is:strange", "strange", "look"),
        ("type>3", ">", "type:errored"),
        ("in~3", "~", "in>1000"),
        (".😀=4", ".😀", 'Write ."😀"=… or put all'),
        ("(-.lines[0].a/b.c>4)", ".lines[0].a/b.c", 'Write .lines[0]."a/b".c>…'),
        (".total€≥4", ".total€", '."total€"≥'),
        ("has:.😀", ".😀", 'Write ."😀"'),
        ("sort:.$ref", ".$ref", 'Write ."$ref"'),
        ("has:total", "total", '."unit price"'),
        ("asked=3", "=", "sort:asked"),
        (".total:5..x", "5..x", 'write .total:"5..x"'),
        (".total=x..5", "x..5", 'write .total="x..5"'),
        (".due:5..2024-01", "5..2024-01", ".due:2024-01..2024-06"),
        (".due:2024-1-1..2024-12-31", "2024-1-1..", ".due:2024-01..2024-06"),
        (".total==5", "==", 'Write .total=5, or .total="=5" for the text'),
        (".total=>5", "=>", "Write .total>=5,"),
        (".total=<5", "=<", "Write .total<=5,"),
        (".total:>5", ":>", "Write .total>5,"),
        (".total:>=-.5", ":>=", "Write .total>=-.5,"),
        (".total:=5", ":=", "Write .total=5,"),
        (".total<>5", "<>", "Write -.total=5"),
        (".total=!5", "=!", 'Write -.total=5, or .total="!5" for the text'),
        (".total>>5", ">>", "It takes :  =  >"),
        ('(.lines[0]."a b"!="x y")', "!=", 'Write -.lines[0]."a b"="x y"'),
        (".total≥5", "≥", "Write .total>=5"),
        (".vendor=~^a", "=~", "Write .vendor~^a,"),
        (".vendor~=^a", "~=", "Write .vendor~^a,"),
        (".vendor!~^a", "!~", "Write -.vendor~^a"),
        (".vendor!:a", "!:", "Write -.vendor:a"),
        ("out==5", "==", "Write out=5"),
        ("out!=5", "!=", "Write -out=5"),
        ("out≠", "≠", "Write -out=…"),
        ("type==errored", "==", "Write type=errored, or"),
        ("text=~x", "=~", "Write text~x"),
        ("text==x", "==", "It takes :"),
        ("type=>3", "=>", "type:errored"),
        ("out != 5", "!=", "without spaces"),
        ("modle!=x", "modle", "model"),
        ("in>many", "many", "1.5k"),
        ("in>1..5", "1..5", "in:1..5"),
        ("in:5..x", "x", "1.5k"),
        ("in:..", "..", "1.5k"),
        ("out > 5", ">", "without spaces"),
        ("a or", "or", '"or"'),
        ("or a", "or", '"or"'),
        ("a or or b", "or", '"or"'),
        ("and a", "and", '"and"'),
        ("a - b", "-", '"-"'),
        ("-", "-", '"-"'),
        ("(a", "(", ")"),
        ("a)", ")", "quotes"),
        ("a ()", "()", ""),
        ("sort:color", "color", "out"),
        ("(a sort:out)", "sort:out", "end"),
        ("-sort:out", "-sort:out", "sort:-out"),
        ("a or sort:out", "or", '"or"'),
        ('""', '""', ""),
        ("id~[a", "[a", ""),
        ("id~a/b(", "(", ""),
        ("text~/a/q", "a", "i"),
        ("text~a{99999999999999}", "a{99999999999999}", ""),
        ("(" * 60 + "a", "(", ""),
    ],
)
def test_an_error_points_at_its_place(text: str, place: str, hint: str) -> None:
    with pytest.raises(QueryError) as caught:
        compile_query(text)
    error = caught.value
    assert text[error.position : error.position + error.length].startswith(place)
    assert hint in error.hint
    assert error.message


@pytest.mark.parametrize("sign", ["<>", "≥", "!="])
def test_only_what_could_be_a_text_is_offered_as_one(sign: str) -> None:
    with pytest.raises(QueryError) as caught:
        compile_query(f".total{sign}5")
    assert "for the text" not in caught.value.hint


WORDS = "- / or and a id in out type text sort is : ~ = > <= errored 5 1.5k .. , *"
MORE = "( ) ? ^ $ . \\ look error raw row é İ"
PIECES = st.sampled_from([*WORDS.split(), *MORE.split(), "[", "|", "+", "{2,}", '"', " ", "\0"])


@settings(max_examples=500, deadline=None)
@given(st.text() | st.lists(PIECES, max_size=20).map("".join))
@example("TYPE:\u0130")
def test_any_text_is_a_query_or_a_query_error(text: str) -> None:
    problem: QueryError | None = None
    try:
        query = compile_query(text)
    except QueryError as error:
        problem = error
    else:
        query.spans("some text, 5 errored a")
        assert query.is_everything or tokenize(text)
    if problem is not None:
        assert 0 <= problem.position <= len(text)
        assert problem.position + problem.length <= len(text)


@settings(max_examples=200, deadline=None)
@given(st.text(min_size=1).filter(lambda text: text.strip()))
def test_any_text_can_be_searched_in_quotes(text: str) -> None:
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    condition = parse_query(quoted).condition
    assert isinstance(condition, Term)
    assert condition.value == text


def test_long_texts_are_read_in_no_time() -> None:
    parse_query("-" * 20_000 + "a")
    parse_query("a or " * 5_000 + "a")
    parse_query("id=" + ",".join(f"doc-{number}" for number in range(20_000)))


@pytest.mark.parametrize(
    "pattern", ["(ab){3}", "(a|b){2}", "\\d{4}-\\d{2}", "(?:Mr|Ms) \\w+", "x+y+z"]
)
def test_patterns_of_daily_use_are_allowed(pattern: str) -> None:
    compile_query(f"text~/{pattern}/")


def test_the_reference_tells_the_truth() -> None:
    for shown in EXAMPLES:
        compile_query(shown.query)
    for field in FIELDS:
        compile_query(field.example)
        for choice in field.choices:
            compile_query(f"{field.name}:{choice.value}")
            assert choice.value in field.name or choice.summary
        if field.sortable:
            compile_query(f"sort:-{field.name}")
