"""Work done in a child process, so that a crash, a leak or a slow site never takes the desk down.

One pattern for all: files in, files out, one JSON object a line between. The parent writes requests
to the child's standard input, the child answers on its standard output; when the parent is gone the
input ends, and the child ends with it.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any

import pyarrow.parquet as pq

from madang.settings import MadangError, Settings, load_settings

PART_ROWS = 2048
LARGEST_LOG = 5_000_000  # bytes; what is older is kept once beside it
ENDS_WITHIN = 5  # seconds for a child that is told to end
Answer = dict[str, Any]
Emit = Callable[[Answer], None]


class JobDied(MadangError):  # noqa: N818 - it is a state of the job, not a mistake
    """A child ended without a word: killed, out of memory, or crashed in a library."""


class Job:
    """A child at work. Use as a context manager: leaving it ends the child, whatever its state.

    `about` names its log, where several children do the same work.
    """

    def __init__(self, name: str, settings: Settings, about: str = "") -> None:
        self.name = name
        self._log_path = _log_file(settings.var / "logs", f"{name}-{about}" if about else name)
        with self._log_path.open("ab") as errors:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "madang.jobs", name, str(settings.home)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                encoding="utf-8",
            )
        if self._child.stdin is None or self._child.stdout is None:
            raise MadangError(f"The {name} job has no pipes to be spoken to by.")
        self._requests, self._answers = self._child.stdin, self._child.stdout

    def __enter__(self) -> "Job":
        return self

    def __exit__(self, *_: object) -> None:
        self._requests.close()
        try:
            self._child.wait(timeout=ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._answers.close()

    def ask(self, request: Answer) -> Iterator[Answer]:
        """Send one request and yield its answers until the child says that it is done."""
        try:
            self._requests.write(json.dumps(request) + "\n")
            self._requests.flush()
        except BrokenPipeError as error:
            raise self._died() from error
        for line in self._answers:
            answer = json.loads(line)
            if "error" in answer:
                raise MadangError(answer["error"])
            if answer.get("done") is True:
                return
            yield answer
        raise self._died()

    def end(self) -> None:
        """Tell the child to end, from any thread; whoever waits for its answers hears of it."""
        self._child.terminate()

    def _died(self) -> JobDied:
        code = self._child.wait()
        return JobDied(
            f"The {self.name} job ended early (exit code {code}); nothing it had finished is "
            f"lost. Its last words are in {self._log_path}."
        )


def _annotate(settings: Settings, requests: Iterator[Answer], emit: Emit) -> None:
    """Each request names a Parquet file of mentions; each answer a Parquet file of annotations."""
    from nlp.annotate import Annotator

    annotator = Annotator(annotator_config(settings))
    for request in requests:
        source = Path(request["input"])
        table = pq.read_table(source)
        for number, start in enumerate(range(0, table.num_rows, PART_ROWS)):
            part = table.slice(start, PART_ROWS)
            read = annotator.annotate(part)
            for name in ("mention_id", "text_hash"):
                read = read.append_column(name, part[name])
            target = source.with_name(f"{source.stem}-{number:06d}.parquet")
            temporary = target.with_suffix(".part")
            pq.write_table(read, temporary)
            temporary.replace(target)
            emit({"output": str(target), "rows": read.num_rows})
        emit({"done": True})


def _collect(settings: Settings, requests: Iterator[Answer], emit: Emit) -> None:
    """Each request names a source; its batches go straight to the landing zone.

    One with `since` and `until` looks back at what was written between them, one with `again` looks
    mentions of these native ids up.
    """
    from collectors.run import backfill, collect, recheck

    def told(rows: int) -> None:
        emit({"rows": rows})

    for request in requests:
        source, landing = _opened(settings, request["source"])
        if "since" in request:
            since, until = (datetime.fromisoformat(request[side]) for side in ("since", "until"))
            landed = backfill(source, landing, since, until, told)
        elif "again" in request:
            landed = recheck(source, landing, request["again"], told)
        else:
            landed = collect(source, landing, told)
        emit({"collected": asdict(landed)})
        emit({"done": True})


def _listen(settings: Settings, requests: Iterator[Answer], emit: Emit) -> None:
    """One request names a source, which is listened to until SIGTERM or the parent's end."""
    from collectors.listen import listen

    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: stopping.set())
    source, landing = _opened(settings, next(requests)["source"])
    emit({"listening": True})
    listen(source, landing, stopping, lambda rows: emit({"rows": rows}))
    emit({"done": True})


def _opened(settings: Settings, name: str) -> tuple[Any, Any]:
    """The source of that name, and where it lands."""
    from collectors import SOURCES
    from warehouse.landing import Landing

    if SOURCES[name].in_store:
        from community.configure import configure
        from madang.people import community_settings

        configure(community_settings(settings), "command")
    source = SOURCES[name].open(settings.sources[name])
    return source, Landing(settings.landing, settings.identity_key)


def _topics(settings: Settings, requests: Iterator[Answer], emit: Emit) -> None:
    """Each request names a folder of files; what is found is written there."""
    from madang.topics import carry_out

    for request in requests:
        emit(carry_out(settings, request))
        emit({"done": True})


def annotator_config(settings: Settings) -> Any:
    """Which models read here, with the head where one is in use over them."""
    config = shipped_config(settings)
    path = head_path(settings)
    if not path.exists():
        return config
    from nlp.head import head_in_use

    return replace(config, head=head_in_use(path, sentiment_models(config)))


def sentiment_models(config: Any) -> str:
    """A digest of the models that read sentiment, over which a head is learned."""
    from nlp.head import digest_of

    return digest_of([config.teacher_folder, config.student_folder, config.cascade_file])


def head_path(settings: Settings) -> Path:
    """Where the head of an instance stands once it is fitted."""
    return settings.var / "models" / "head.json"


def shipped_config(settings: Settings) -> Any:
    """Which models read here without a head, which is fitted over these."""
    from nlp.annotate import AnnotatorConfig
    from nlp.spacy_pipeline import PipelineConfig

    chosen = settings.annotator
    return AnnotatorConfig(
        model=chosen.model,
        student=chosen.student,
        threads=chosen.threads,
        languages=chosen.languages,
        pipeline=PipelineConfig(
            entities=_names(settings),
            industries=chosen.industries,
            lexicons=chosen.lexicons,
            spacy_model=chosen.spacy,
        ),
    )


def _names(settings: Settings) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """The names to recognise in texts: (label, name, other ways to write it)."""
    brands = {settings.brand: ()} if settings.brand else {}
    products = dict.fromkeys(settings.yard.products, ())
    return tuple(
        (label, name, aliases)
        for label, named in (
            ("brand", brands | settings.annotator.brands),
            ("product", products | settings.annotator.products),
        )
        for name, aliases in named.items()
    )


JOBS: dict[str, Callable[[Settings, Iterator[Answer], Emit], None]] = {
    "annotate": _annotate,
    "collect": _collect,
    "listen": _listen,
    "topics": _topics,
}


def _log_file(folder: Path, name: str) -> Path:
    """Where a child's last words go."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.log"
    if path.exists() and path.stat().st_size > LARGEST_LOG:
        path.replace(path.with_suffix(".log.1"))
    return path


def _requests(stream: IO[str]) -> Iterator[Answer]:
    """Requests as they come. A thread reads them, so that the parent's end is noticed at once.

    Then the process is told to end; one that tidies up first has some seconds for that.
    """
    waiting: SimpleQueue[Answer] = SimpleQueue()
    main = threading.main_thread().ident or 0  # a thread that runs has one

    def read() -> None:
        for line in stream:
            waiting.put(json.loads(line))
        last = threading.Timer(ENDS_WITHIN, os._exit, (0,))
        last.daemon = True
        last.start()
        signal.pthread_kill(main, signal.SIGTERM)

    threading.Thread(target=read, daemon=True).start()
    while True:
        yield waiting.get()


def main() -> None:
    """Run one job in this process; called as `python -m madang.jobs NAME HOME`."""
    name, home = sys.argv[1:]
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    # What a library prints must not be taken for an answer.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def emit(answer: Answer) -> None:
        answers.write(json.dumps(answer, ensure_ascii=False) + "\n")
        answers.flush()

    try:
        JOBS[name](load_settings(Path(home)), _requests(sys.stdin), emit)
    except Exception as error:
        emit({"error": f"The {name} job failed: {error}"})
        raise
    # A library's thread may wait for its stream for ever.
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
