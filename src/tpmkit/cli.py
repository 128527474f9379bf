"""The command line: one verb a job; each only parses and calls."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import click

from tpmkit.errors import TpmkitError


class Verbs(click.Group):
    """A group whose commands end a TpmkitError with its sentence and exit code 1."""

    def invoke(self, ctx: click.Context) -> None:
        try:
            super().invoke(ctx)
        except TpmkitError as error:
            click.echo(str(error), err=True)
            sys.exit(1)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tpmkit")
def main() -> None:
    """Learn, teach and practise leading machine-learning programs."""


@main.command()
@click.option(
    "--workspace",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder you work in; default: workspace/ in the course.",
)
@click.option("--port", type=click.IntRange(1, 65535), help="Default: the first free from 8888.")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option("--fill-only", is_flag=True, help="Fill the workspace; do not open JupyterLab.")
def start(workspace: Path | None, port: int | None, no_browser: bool, fill_only: bool) -> None:
    """Bring your workspace up to date and open JupyterLab in it."""
    from tpmkit import start as starting

    sys.exit(starting.start(workspace, port, not no_browser, fill_only, click.echo))


@main.command()
@click.option(
    "--workspace",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder you work in; default: workspace/ in the course.",
)
def doctor(workspace: Path | None) -> None:
    """Say what works on this machine, and the remedy for what does not."""
    from tpmkit import doctor as examination

    sys.exit(examination.doctor(workspace, click.echo))


@main.command()
@click.argument("names", nargs=-1, metavar="[NOTEBOOK]...")
@click.option("--check", is_flag=True, help="Compare with what is committed; write nothing.")
@click.option("--sources-only", is_flag=True, help="With --check: execute nothing (seconds).")
def build(names: tuple[str, ...], check: bool, sources_only: bool) -> None:
    """Build the notebooks from the sources under solutions/."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from tpmkit.authoring import build as builder
    from tpmkit.authoring.repository import Repository

    if sources_only and not check:
        raise click.UsageError("--sources-only goes with --check.")
    repository = Repository.find()
    names = tuple(name.split("/")[-1].removesuffix(".py").removesuffix(".ipynb") for name in names)
    total = len(names) or len(list(repository.syllabus.notebooks()))
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        job = progress.add_task("Checking" if check else "Building", total=total)

        def tick(name: str) -> None:
            progress.update(job, advance=1, description=name)

        if check:
            report = builder.check(repository, names, sources_only, tick)
        else:
            report = builder.build(repository, names, tick)
    for problem in report.problems:
        click.echo(problem)
    if check:
        click.echo(f"{total} notebooks checked, {len(report.problems)} problems")
    else:
        click.echo(
            f"{len(report.executed)} executed, {len(report.reused)} unchanged, "
            f"{len(report.written)} files written"
        )
    if report.problems:
        sys.exit(1)


@main.command()
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the archive; default: dist/.",
)
def bundle(into: Path | None) -> None:
    """Pack the course, without its answers, as the archive that learners start from."""
    from tpmkit.authoring.bundle import bundle as pack
    from tpmkit.authoring.repository import Repository

    repository = Repository.find()
    path = pack(repository, into or repository.root / "dist")
    click.echo(f"{path} ({path.stat().st_size / 1e6:.1f} MB)")
    click.echo("Next: give it to your learners; START_HERE.txt in it says how to begin.")


@main.command()
@click.argument("assignment")
@click.option("--learner", help="The id your instructor knows you by; remembered for next time.")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the zip; default: submissions/ in your workspace.",
)
def submit(assignment: str, learner: str | None, into: Path | None) -> None:
    """Pack an assignment of your workspace as a zip for your instructor."""
    from tpmkit.authoring import submit as submitting

    workspace = submitting.find_workspace(Path.cwd())
    notebook = submitting.find_notebook(workspace, assignment)
    learner = learner or submitting.remembered_learner(workspace)
    if learner is None:
        if not sys.stdin.isatty():
            raise TpmkitError(
                f"Say who you are: tpmkit submit {assignment} --learner ID, with the id your "
                "instructor knows you by."
            )
        learner = click.prompt("Your learner id (the one your instructor knows you by)")
    packed = submitting.pack(notebook, learner, into or workspace / submitting.SUBMISSIONS)
    submitting.remember_learner(workspace, packed.learner)
    written = packed.answers - len(packed.blank)
    click.echo(
        f"Packed {notebook.name} for {packed.learner}, as saved {packed.saved:%d %B, %H:%M}."
    )
    click.echo(f"{written} of {packed.answers} answers are written.")
    if packed.blank:
        click.echo(f"Still as handed out: {', '.join(packed.blank)}. If that surprises you, save.")
    for newer in sorted(notebook.parent.glob(f"{notebook.stem} (new*).ipynb")):
        click.echo(f"There is a newer version, {newer.name}; to hand that in, give its path.")
    click.echo(f"{packed.path}\nNext: upload this file where your instructor collects work.")


course_root_option = click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The course root or the course; default: this folder.",
)


@main.command()
@click.argument("assignments", nargs=-1, required=True, metavar="ASSIGNMENT...")
@click.option(
    "--learner", "learners", multiple=True, metavar="ID", help="Only this one; may be repeated."
)
@click.option("--force", is_flag=True, help="Grade again what is graded and unchanged.")
@click.option("--jobs", type=click.IntRange(1, 64), default=2, show_default=True, help="At a time.")
@click.option("--scheduler", metavar="ADDRESS", help="Grade on the workers of a Dask scheduler.")
@click.option("--unsafe", is_flag=True, help="Run submissions without the sandbox.")
@click.option("--no-feedback", is_flag=True, help="Leave feedback to nbgrader generate_feedback.")
@course_root_option
def grade(
    assignments: tuple[str, ...],
    learners: tuple[str, ...],
    force: bool,
    jobs: int,
    scheduler: str | None,
    unsafe: bool,
    no_feedback: bool,
    root: Path | None,
) -> None:
    """Grade the submissions of assignments, all in one sandbox."""
    # jsonschema imports it to check web addresses, which takes longer than a submission does
    sys.modules.setdefault("rfc3987_syntax", None)
    gc.disable()  # what imports make is never garbage; looking it through takes a third of them
    from tpmkit.autograde.console import grade as grade_all
    from tpmkit.autograde.run import Settings, course_root

    gc.freeze()
    gc.enable()
    settings = Settings(learners, force, jobs, scheduler, unsafe, not no_feedback)
    sys.exit(grade_all(course_root(root or Path.cwd()), assignments, settings))


@main.command()
@click.argument("assignment")
@course_root_option
@click.option(
    "--into", type=click.Path(file_okay=False, path_type=Path), help="Default: reports/ASSIGNMENT."
)
@click.option("--double-marking", is_flag=True, help="Also draw memos for a second marker.")
@click.option(
    "--agreement",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Show how well two markers agree on a filled-in sheet.",
)
def report(
    assignment: str,
    root: Path | None,
    into: Path | None,
    double_marking: bool,
    agreement: Path | None,
) -> None:
    """Report on a graded assignment: items, checks, who needs help, who wrote alike."""
    from tpmkit.autograde.report import show_report
    from tpmkit.autograde.run import course_root

    root = course_root(root or Path.cwd())
    show_report(root, assignment, into or root / "reports" / assignment, double_marking, agreement)


@main.command()
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where sessions are kept; default: interviews/ in your workspace, else in your home.",
)
@click.option("--port", type=click.IntRange(1, 65535), help="Default: the first free from 8866.")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option("--export", "to_zip", is_flag=True, help="Pack all sessions into one zip, and stop.")
@click.option("--delete", "remove", is_flag=True, help="Remove all sessions, and stop.")
def interview(
    folder: Path | None, port: int | None, no_browser: bool, to_zip: bool, remove: bool
) -> None:
    """Practise interviews alone, in pairs or before a panel; nothing leaves this machine."""
    from tpmkit.interview.store import Store

    store = Store(folder)
    if to_zip:
        click.echo(f"Packed into {store.export()}")
    elif remove:
        sure = click.confirm(f"Remove every session in {store.folder}? This cannot be undone")
        for kept in store.delete(confirmed=sure):
            click.echo(f"Left alone, not made here: {kept}")
        click.echo("Every session is removed.")
    else:
        from tpmkit.interview.serve import serve

        sys.exit(serve(store, port, not no_browser, click.echo))


if __name__ == "__main__":
    main()
