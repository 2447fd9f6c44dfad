"""The screen before the send: what will go, what is wrong with it, and the question."""

from collections.abc import Mapping

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.reactive import reactive

from batchtui.formatting import format_count, plural
from batchtui.submission.canary import USUAL
from batchtui.submission.problems import FileProblem
from batchtui.tui import external
from batchtui.tui.commands.general import Leave
from batchtui.tui.commands.submission import (
    PREVIEW_COMMANDS,
    CheckAgain,
    MarkCache,
)
from batchtui.tui.lines import Line, line
from batchtui.tui.messages import CopyWanted
from batchtui.tui.screens.command_screen import DIALOG, NARROW, CommandScreen, set_at_once
from batchtui.tui.screens.dialogs.confirm import ConfirmDialog
from batchtui.tui.screens.dialogs.prompt import PromptDialog
from batchtui.tui.screens.submission.preview import (
    Preview,
    PreviewActions,
    ToSend,
    overview_lines,
    preview_needs,
    prompt_lines,
    readiness_lines,
    send_question,
    why_no_canary,
)
from batchtui.tui.screens.submission.problem_rows import (
    ProblemRow,
    copied,
    explain,
    problem_rows,
    row_line,
)
from batchtui.tui.screens.submission.request_dialog import RequestDialog
from batchtui.tui.stylesheets import SUBMISSION
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_list import LineList, ValueList
from batchtui.tui.widgets.line_view import LineView
from batchtui.untrusted import visible


class ProblemList(ValueList[ProblemRow]):
    """The problems: kinds first, then each by its line."""

    def value_line(self, row: ProblemRow, width: int, /) -> Line:
        """Return one kind or one problem."""
        return row_line(row, width)


class PreviewScreen(CommandScreen[bool]):
    """Shows what will go; closes with whether it was sent.

    Args:
        preview: What is about to be sent.
        where: Where it goes to, in words; safe to show.
        actions: What can be done with the file.
        environ: Says which editor is the user's.
        is_billed: Whether what is sent costs something.
    """

    CSS_PATH = SUBMISSION
    OFFERED = (*PREVIEW_COMMANDS, Leave)

    preview: reactive[Preview] = reactive(set_at_once, repaint=False, init=False)

    def __init__(
        self,
        preview: Preview,
        where: str,
        actions: PreviewActions,
        *,
        environ: Mapping[str, str],
        is_billed: bool = True,
    ) -> None:
        super().__init__()
        self._where = where
        self._actions = actions
        self._environ = environ
        self._is_billed = is_billed
        self.header = LineBar(id="preview-header", classes="chrome")
        self.readiness = LineBar(id="preview-readiness")
        self.body = Container(id="preview-body")
        self.overview = LineView(id="preview-overview")
        self.prompts = LineView(id="preview-prompts")
        self.problems = ProblemList(id="preview-problems")
        self.explanation = LineBar(id="preview-explanation")
        self.set_reactive(PreviewScreen.preview, preview)

    def compose(self) -> ComposeResult:
        """Header, whether it can be sent, what will go, problems or first prompts, action bar."""
        yield self.header
        yield self.readiness
        with self.body:
            yield self.overview
            yield self.prompts
            yield self.problems
        yield self.explanation
        yield self.actions

    def on_mount(self) -> None:
        """Show what will go."""
        self.show()
        (self.problems if self._has_problems else self.overview).focus()

    @property
    def _has_problems(self) -> bool:
        return bool(self.preview.validation.problems.counts)

    def watch_preview(self) -> None:
        """Show what will go now."""
        self.show()

    def show(self) -> None:
        """Hand every widget its value."""
        preview, glyphs = self.preview, self.effective.glyphs
        title = "Send again" if preview.retry_of else "New batch"
        name = ", ".join(preview.retry_of) or visible(preview.validation.source.name)
        head = line((title, "heading"), f"  {name}")
        is_tiny = self.size.width < NARROW
        to = () if is_tiny else line((f"  to {self._where}", "muted")).left
        self.header.lines = (Line(head.left, to),)
        # more than one line only where the same was sent before
        check_again, width = self.key_of(CheckAgain), self.readiness.line_width
        self.readiness.lines = readiness_lines(preview, width, glyphs.ellipsis, check_again)
        self.readiness.styles.height = len(self.readiness.lines)
        self.body.set_class(self._has_problems, "-problems")
        self.explanation.set_class(self._has_problems, "-problems")
        width = self.overview.line_width
        mark_cache = f"{self.key_of(MarkCache)} ({MarkCache.label})"
        self.overview.lines = tuple(overview_lines(preview, glyphs, width, mark_cache))
        prompts = prompt_lines(preview.validation.stats, glyphs, self.prompts.line_width)
        self.prompts.lines = tuple(prompts)
        self.problems.values = tuple(problem_rows(preview.validation.problems))
        self._explain()
        self.needs = preview_needs(preview.validation, check_again)
        self.show_actions()

    @on(LineList.Highlighted, "#preview-problems")
    def _explain(self) -> None:
        """Say the problem under the cursor in full."""
        preview, rows = self.preview, self.problems.values
        if rows:
            row = rows[min(self.problems.cursor, len(rows) - 1)]
            width = self.explanation.size.width
            self.explanation.lines = explain(row, preview.validation.problems, width)

    @property
    def _to_send(self) -> ToSend:
        return ToSend(self.preview.validation, self.preview.label, self.preview.is_split)

    # What the commands do

    def send_batch(self) -> None:
        """Ask, and send what is shown."""
        self.start(self._ask_and_send, DIALOG)

    def send_canary(self) -> None:
        """Ask how many requests go first, and send those."""
        self.start(self._ask_and_send_canary, DIALOG)

    def mark_cache(self) -> None:
        """Write the file with marks for the cache, and show that one."""
        self.start(self._mark_cache, DIALOG)

    def view_requests(self) -> None:
        """Show any request whole."""
        self.start(self._view_requests, DIALOG)

    def name_batch(self) -> None:
        """Ask for the label."""
        self.start(self._ask_label, DIALOG)

    def check_again(self) -> None:
        """Read the file again."""
        self.start(self._check_again, DIALOG)

    def edit_file(self) -> None:
        """Open the file in the user's editor, at the problem under the cursor, and check it again.

        Raises:
            ExternalError: The editor cannot be run.
        """
        words = external.EDITOR.words(self._environ)
        path = self.preview.validation.source.path
        place = external.place_words(words[0], path, self._line)
        external.run([*words, *place], self._environ, self.app.suspend)
        self.check_again()

    @property
    def _problem(self) -> FileProblem | None:
        """The problem under the cursor."""
        rows = self.problems.values
        return rows[self.problems.cursor].problem if self.problems.cursor < len(rows) else None

    @property
    def _line(self) -> int:
        """The line of the problem under the cursor, or of the first one."""
        under = self._problem
        listed = self.preview.validation.problems.listed
        first = next((one.line for one in listed if one.line), 1)
        return (under.line if under is not None else None) or first

    def split_file(self) -> None:
        """Split the file, or not."""
        self.preview = replace(self.preview, wants_split=not self.preview.wants_split)

    def switch_pane(self) -> None:
        """Go to the other pane; where there is room for one only, show it."""
        other = self.problems if self._has_problems else self.prompts
        to_other = self.overview.has_focus
        self.body.set_class(to_other, "-other")
        (other if to_other else self.overview).focus()

    def copy_problems(self) -> None:
        """Copy the problems."""
        problems = self.preview.validation.problems
        self.post_message(CopyWanted(copied(problems), plural(len(problems.listed), "problem")))

    def leave(self) -> None:
        """Send nothing."""
        self.dismiss(result=False)

    async def _view_requests(self) -> None:
        under = self._problem
        first = under.request - 1 if under is not None and under.request else 0
        await self.ask(RequestDialog(self.preview.validation, first, self.explain_place))

    async def _ask_label(self) -> None:
        text = await self.ask(PromptDialog("Label", value=self.preview.label))
        if text is not None and text.strip():
            self.preview = replace(self.preview, label=text.strip())

    async def _check_again(self) -> None:
        checked = await self._actions.check()
        if checked is not None:
            self.preview = replace(
                self.preview,
                validation=checked.validation,
                wants_split=False,
                sent_before=checked.sent_before,
                cost=checked.cost,
            )
            self.notify("Checked again")

    async def _mark_cache(self) -> None:
        if await self._actions.mark_cache(self._to_send):
            self.dismiss(result=True)

    async def _ask_and_send_canary(self) -> None:
        preview = self.preview
        body = (
            line("How many requests go first, as a batch of their own? They are of all lengths."),
            line(
                (
                    f"{USUAL} requests will most likely show a mistake that affects one in ten.",
                    "muted",
                )
            ),
        )
        dialog = PromptDialog(
            "Canary",
            body,
            value=str(min(USUAL, preview.requests - 1)),
            check=lambda text: why_no_canary(text, preview.requests),
            confirm="Go on",
        )
        text = await self.ask(dialog)
        if text is None:
            return
        whole = ToSend(preview.validation, preview.label, is_split=False)
        canary = await self._actions.take_canary(whole, int(text))
        if canary is None:
            return
        _, facts, yes = send_question(canary, self._where, is_billed=self._is_billed)
        question = f"{yes} of {format_count(preview.requests)}?"
        sure = ConfirmDialog(question, facts, yes, is_grave=False)
        if await self.ask(sure) and await self._actions.send_canary(preview.validation, canary):
            self.dismiss(result=True)

    async def _ask_and_send(self) -> None:
        title, body, yes = send_question(self.preview, self._where, is_billed=self._is_billed)
        what = self._to_send
        if await self.ask(ConfirmDialog(title, body, yes, is_grave=False)) and (
            await self._actions.send(what)
        ):
            self.dismiss(result=True)
