import shutil
import sqlite3
import subprocess
import sys
import textwrap
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from studio.storage.library import Library, LibraryTooNew, NewAsset, schema
from studio.storage.library.database import connect
from studio.storage.library.migrate import SCRIPTS, MigrationFailed, back_up, migrate, revision

STEP = '''
"""A step."""
import sqlalchemy as sa
from alembic import op

revision = {revision!r}
down_revision = {before!r}


def upgrade() -> None:
    {body}
'''


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SCRIPTS, tmp_path / "50% scripts"))


def add_step(scripts: Path, number: int, body: str) -> str:
    """A further script, the first after those that are there being number 1."""
    name = f"{int(schema.HEAD) + number:04}"
    before = f"{int(schema.HEAD) + number - 1:04}"
    text = STEP.format(revision=name, before=before, body=body.replace("\n", "\n    "))
    (scripts / "versions" / f"{name}_step.py").write_text(text)
    return name


@pytest.fixture
def filled(file: Path) -> Path:
    with Library(file) as library:
        ids = library.add_assets([NewAsset("audio", Path(f"/s/kick {number}.wav")) for number in range(50)])
        library.tag(ids, "tag")
    return file


def dump(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as database:
        return list(database.iterdump())


def backups(file: Path) -> list[Path]:
    return sorted(file.with_name("backups").glob("*"))


def test_the_scripts_end_at_the_revision_that_this_version_reads() -> None:
    assert ScriptDirectory(str(SCRIPTS)).get_heads() == [schema.HEAD]


def test_the_scripts_make_the_tables_that_this_version_knows(file: Path) -> None:
    Library(file).close()
    engine = connect(file)

    def ours(thing: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
        return not (kind == "table" and name is not None and name.startswith("asset_text"))

    with engine.connect() as connection:
        options = {"include_object": ours, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, schema.metadata) == []
    engine.dispose()


def test_a_step_is_taken_after_a_backup(filled: Path, scripts: Path) -> None:
    before = dump(filled)
    add_step(scripts, 1, 'op.add_column("assets", sa.Column("mood", sa.String))')
    head = add_step(scripts, 2, "op.execute(\"UPDATE assets SET mood = 'calm'\")")
    migrate(filled, scripts, head)
    assert revision(filled) == head
    [copy] = backups(filled)
    assert dump(copy) == before
    with closing(sqlite3.connect(filled)) as database:
        assert database.execute("SELECT DISTINCT mood FROM assets").fetchall() == [("calm",)]
    with pytest.raises(LibraryTooNew):
        Library(filled)


def test_a_new_library_needs_no_backup(file: Path) -> None:
    Library(file).close()
    Library(file).close()
    assert not file.with_name("backups").exists()


FAILURES = {
    "in the schema": 'op.create_table("extra", sa.Column("id", sa.Integer))\nop.execute("DROP TABLE nothing")',
    "in Python": 'op.execute("DELETE FROM assets")\nop.drop_table("jobs")\nraise RuntimeError("no")',
    "of a reference": 'op.execute("INSERT INTO asset_tags(asset, tag) VALUES (999, 999)")',
}


@pytest.mark.parametrize("body", FAILURES.values(), ids=FAILURES.keys())
def test_a_step_that_fails_leaves_the_library_as_it_was(filled: Path, scripts: Path, body: str) -> None:
    before = dump(filled)
    add_step(scripts, 1, 'op.add_column("assets", sa.Column("mood", sa.String))')
    head = add_step(scripts, 2, body)
    with pytest.raises(MigrationFailed, match="left as it was; a copy is at") as failure:
        migrate(filled, scripts, head)
    assert failure.value.__cause__ is not None
    assert dump(filled) == before
    with Library(filled) as library:
        assert (library.notice, library.count("kick", tags=["tag"])) == ("", 50)


def test_one_step_is_one_transaction(filled: Path, scripts: Path) -> None:
    """Without the backup: what a step did before it failed is gone, what the step before it did is there."""
    import studio.storage.library.migrate as module

    first = add_step(scripts, 1, 'op.add_column("assets", sa.Column("mood", sa.String))')
    head = add_step(scripts, 2, FAILURES["in Python"])
    with pytest.raises(RuntimeError):
        module._run_steps(filled, scripts, head)
    assert revision(filled) == first
    with closing(sqlite3.connect(filled)) as database:
        assert database.execute("SELECT count(*), count(mood) FROM assets").fetchone() == (50, 0)
        assert database.execute("SELECT count(*) FROM jobs").fetchone() == (0,)


def test_a_first_step_that_fails_leaves_nothing(file: Path, scripts: Path) -> None:
    file.parent.mkdir()
    step = scripts / "versions" / "0001_first.py"
    step.write_text(step.read_text().replace("    _jobs()\n", '    raise RuntimeError("no")\n'))
    with pytest.raises(MigrationFailed):
        migrate(file, scripts, "0001")
    with closing(sqlite3.connect(file)) as database:
        names = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
    assert names <= {"alembic_version", "sqlite_autoindex_alembic_version_1"}
    with Library(file) as library:
        assert (library.notice, library.count()) == ("", 0)


def test_a_killed_step_leaves_the_library_as_it_was(filled: Path, scripts: Path) -> None:
    before = dump(filled)
    head = add_step(scripts, 1, 'op.execute("DELETE FROM assets")\nop.drop_table("jobs")\nimport os\nos._exit(9)')
    script = """
        import sys
        from pathlib import Path
        from studio.storage.library.migrate import migrate
        migrate(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
    """
    command = [sys.executable, "-c", textwrap.dedent(script), str(filled), str(scripts), head]
    assert subprocess.run(command, check=False).returncode == 9
    assert dump(filled) == before


def test_the_last_three_backups_are_kept(filled: Path) -> None:
    copies = [back_up(filled, "0001") for _ in range(5)]
    assert backups(filled) == copies[-3:]


def test_a_backup_holds_what_is_still_in_the_log(file: Path) -> None:
    with Library(file) as library:
        library.add_assets([NewAsset("audio", Path("/s/a.wav"))])
        copy = back_up(file, "0001")
    with closing(sqlite3.connect(copy)) as database:
        assert database.execute("SELECT count(*) FROM assets").fetchone() == (1,)


def test_two_processes_make_one_library(file: Path) -> None:
    script = """
        import sys
        from pathlib import Path
        from studio.storage.library import Library
        with Library(Path(sys.argv[1])) as library:
            print(library.notice, library.read_only, library.count())
    """
    command = [sys.executable, "-c", textwrap.dedent(script), str(file)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert [process.communicate()[0].split() for process in both] == [["0"]] * 3


def test_changes_of_the_schema_can_be_taken_back(file: Path) -> None:
    file.parent.mkdir()
    engine = connect(file)
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE a (x)")
        connection.exec_driver_sql("INSERT INTO a VALUES (1)")
        connection.exec_driver_sql("CREATE TABLE b (x)")
        connection.rollback()
        assert sa.inspect(connection).get_table_names() == []
    engine.dispose()
