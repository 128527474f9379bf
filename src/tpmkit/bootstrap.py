# ruff: noqa: UP004, UP010, UP032
"""From nothing but Python to a running course: ``python3 src/tpmkit/bootstrap.py start``.

Builds ``.venv`` from ``requirements.lock`` (every download checked against its hash), installs
tpmkit and hands over to it. Needs the standard library only; a second run finds everything done.
The syntax is old on purpose: a Python that is too old must still be able to say so.
"""

from __future__ import print_function

import errno
import hashlib
import os
import shutil
import subprocess
import sys
import time

SUPPORTED = ((3, 11), (3, 12), (3, 13))
DISK_NEEDED = 1.3e9  # bytes: what .venv takes, and some air
USAGE = """usage: bootstrap.py VERB [arguments]

  start      install what is missing, fill the workspace, open JupyterLab (--help: its options)
  install    only install what is missing
  test       run the tests         test-all   run the long ones too
  clean      remove what was installed and built; the workspace stays
  any other  is passed to tpmkit: doctor, build, bundle, submit, grade ..."""

NETWORK_WORDS = (
    "name resolution",
    "name or service not known",
    "getaddrinfo",
    "dns error",
    "failed to lookup address",
    "connection refused",
    "network is unreachable",
    "no route to host",
    "newconnectionerror",
    "connecttimeout",
    "read timed out",
    "timed out",
    "max retries exceeded",
    "error sending request",
    "tcp connect error",
    "proxyerror",
    "connection broken",
    "connection reset",
    "failed to fetch",
)
DISK_FULL = (
    "The disk is full: installing needs about {needed:.1f} GB in {root} and some in the temporary "
    "folder. Free some space, then run the same command again."
)
CAUSES = (
    (("no space left", "quota exceeded", "not enough space on the disk", "enospc"), DISK_FULL),
    (
        ("do not match the hashes", "hash mismatch"),
        "A download does not match its hash in requirements.lock, so nothing of it was "
        "installed. Run the same command again; if it stays so, tell whoever runs your network "
        "or package mirror.",
    ),
    (
        ("certificate_verify_failed", "invalid peer certificate", "unknownissuer"),
        "The package index cannot be reached safely: its certificate is not trusted here, as "
        "happens behind a company proxy. Set PIP_CERT and SSL_CERT_FILE to your company's "
        "certificate file, then run the same command again.",
    ),
    (
        NETWORK_WORDS,
        "No network: the package index cannot be reached. Connect (behind a proxy, set "
        "HTTPS_PROXY), then run the same command again; once installed, the course works "
        "without a network.",
    ),
    (
        ("read-only file system", "permission denied", "access is denied"),
        "{root} or a folder used for downloads cannot be written to. Copy the course to a "
        "folder of your own and run the same command there.",
    ),
    (
        ("failed to build", "failed building wheel", "microsoft visual c++"),
        "One of the packages has no ready-made build for this Python ({python}). Install a "
        "64-bit Python 3.12 and run the same command again.",
    ),
)


class Stop(Exception):
    """Ends the program with one sentence that says what is wrong and what to do."""


def say(text):
    print(text, file=sys.stderr)
    sys.stderr.flush()


def version_of(version):
    return ".".join(str(part) for part in version[:2])


def use_a_supported_python():
    """Go on with Python 3.11 to 3.13: this one, else one found on the PATH."""
    if tuple(sys.version_info[:2]) in SUPPORTED:
        return
    for version in SUPPORTED[::-1]:
        name = version_of(version)
        for command in (["python" + name], ["py", "-" + name]):
            if os.environ.get("TPMKIT_REEXEC") or (command[0] == "py" and os.name != "nt"):
                continue
            try:
                probe = command + ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
                with open(os.devnull, "w") as nowhere:
                    seen = subprocess.check_output(probe, stderr=nowhere)
            except (OSError, subprocess.CalledProcessError):
                continue
            if seen.decode().strip() == name:
                say(
                    "Python {} is here, which the course does not run on; using Python {}.".format(
                        version_of(sys.version_info), name
                    )
                )
                os.environ["TPMKIT_REEXEC"] = "1"
                hand_over(command + [os.path.abspath(__file__)] + sys.argv[1:])
    raise Stop(
        "This course runs on Python 3.11, 3.12 or 3.13, and this is Python {} ({}). Install one "
        "(python.org/downloads; Debian and Ubuntu: sudo apt install python3 python3-venv; "
        "macOS: brew install python@3.12), then run the same command again with it, for example "
        "make start PYTHON=python3.12".format(version_of(sys.version_info), sys.executable)
    )


def hand_over(command):
    """End this program and go on as `command`."""
    if os.name == "nt":  # there, exec would return to the prompt while the command still runs
        import signal

        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the command
        sys.exit(subprocess.call(command))
    sys.stdout.flush()
    os.execvp(command[0], command)


class Course(object):
    """A checkout of the course, or an unpacked bundle, and its environment."""

    def __init__(self, here):
        bundled = os.path.join(here, "bundle.json")
        self.wheel = None
        if os.path.isfile(bundled):
            import json

            self.root = here
            with open(bundled) as file:
                self.wheel = os.path.join(here, json.load(file)["wheel"])
        else:
            self.root = os.path.dirname(os.path.dirname(here))
        self.lock = os.path.join(self.root, "requirements.lock")
        for path in (self.lock, self.wheel or os.path.join(self.root, "pyproject.toml")):
            if not os.path.isfile(path):
                raise Stop(
                    "{} is missing, so this copy of the course is not complete. Unpack or clone "
                    "it again (workspace/ holds your work: keep it).".format(path)
                )
        self.venv = os.path.join(self.root, ".venv")
        self.stamp = os.path.join(self.venv, "tpmkit-installed.txt")
        self.unfinished = os.path.join(self.venv, "tpmkit-installing.txt")

    def program(self, name):
        """The path of a program of the environment."""
        if os.name == "nt":
            return os.path.join(self.venv, "Scripts", name + ".exe")
        return os.path.join(self.venv, "bin", name)

    @property
    def wanted(self):
        """What the stamp of a finished installation says: change any of it to install anew."""
        digest = hashlib.sha256()
        for path in (self.lock, self.wheel or os.path.join(self.root, "pyproject.toml")):
            with open(path, "rb") as file:
                digest.update(file.read())
        return "{}\n{}\n".format(digest.hexdigest(), os.path.realpath(self.venv))

    def python_works(self, probe="import sys"):
        try:
            return (
                subprocess.call(
                    [self.program("python"), "-I", "-c", probe],
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
                == 0
            )
        except OSError:
            return False

    def installed(self):
        try:
            with open(self.stamp) as file:
                if file.read() != self.wanted:
                    return False
        except (OSError, ValueError):
            return False
        names = "('tpmkit', 'jupyterlab', 'ipykernel')"
        return self.python_works(
            "import sys; from importlib.util import find_spec; "
            "sys.exit(not all(find_spec(name) for name in {}))".format(names)
        )

    def install(self):
        """Build what is missing; seconds when nothing is."""
        if self.installed():
            return
        lock = os.path.join(self.root, ".cache", "install.lock")
        with alone(lock, "Another start is installing the course; waiting for it."):
            if self.installed():  # by another start, while this one waited
                return
            began = time.time()
            say("Setting up the course (once; about a minute and 1 GB, less when repeated).")
            self.make_environment()
            self.install_packages()
            with open(self.stamp, "w") as file:
                file.write(self.wanted)
            os.remove(self.unfinished)
            say("Ready after {:.0f} seconds.".format(time.time() - began))

    def make_environment(self):
        if os.path.lexists(self.venv):
            sound = "import pip, sys; sys.exit(sys.version_info[:2] not in {!r})".format(SUPPORTED)
            moved = False
            if os.path.isfile(self.stamp):
                with open(self.stamp) as file:
                    moved = os.path.realpath(self.venv) not in file.read().splitlines()
            if not moved and not os.path.exists(self.unfinished) and self.python_works(sound):
                return
            say("The environment in .venv is not whole or was moved: building it anew.")
            self.remove_environment()
        free = shutil.disk_usage(self.root).free
        if free < DISK_NEEDED:
            raise Stop(
                "The disk is nearly full: installing needs about {:.1f} GB in {}, and {:.1f} GB "
                "are free. Free some space, then run the same command again.".format(
                    DISK_NEEDED / 1e9, self.root, free / 1e9
                )
            )
        if subprocess.call(
            [sys.executable, "-c", "import ensurepip, venv"], stderr=subprocess.PIPE
        ):
            raise Stop(
                "This Python ({}) lacks its venv module. Install it (Debian and Ubuntu: sudo apt "
                "install python{}-venv), then run the same command again.".format(
                    sys.executable, version_of(sys.version_info)
                )
            )
        self.run("1/3 Python environment", [sys.executable, "-m", "venv", self.venv])

    def remove_environment(self):
        skeleton = {"bin", "include", "lib", "lib64", "Scripts", "Lib", "Include"}
        if os.path.islink(self.venv) or os.path.isfile(self.venv):
            os.remove(self.venv)
            return
        names = set(os.listdir(self.venv))
        if "pyvenv.cfg" not in names and not names <= skeleton:
            raise Stop(
                "{} exists and is not a Python environment. Rename or remove it, then run the "
                "same command again.".format(self.venv)
            )
        shutil.rmtree(self.venv)

    def install_packages(self):
        pip = [self.program("python"), "-I", "-m", "pip", "--disable-pip-version-check"]
        uv = [self.program("uv"), "pip"]
        where = ["--python", self.program("python")]
        locked = ["install", "--require-hashes", "--requirement"]
        count = "2/3 Packages of requirements.lock"
        installer = uv
        open(self.unfinished, "w").close()
        try:
            brief = ["--retries", "1", "--timeout", "15"]
            self.run("2/3 Installer", pip + brief + locked + [self.lock_of("uv")])
            # compiled now, as pip does: where Python cannot write (grading's sandbox) it would
            # compile the same modules again and again
            self.run(count, uv + locked + [self.lock, "--compile-bytecode"] + where)
        except Failed as failure:
            if failure.command[0] != uv[0] and failure.offline or failure.cause == DISK_FULL:
                raise
            say("The fast installer (uv) did not manage; using pip, which takes longer.")
            self.run(count, pip + locked + [self.lock])
            installer, where = pip, []
        own = ["install", "--no-deps", "--no-build-isolation"]
        own += ["--force-reinstall", self.wheel] if self.wheel else ["--editable", self.root]
        self.run("3/3 tpmkit", installer + own + where)

    def lock_of(self, name):
        """A file with only the entry of `name` in the lock: its version and hashes."""
        with open(self.lock) as file:
            entries = file.read().replace("\\\n", " ").splitlines()
        path = os.path.join(self.venv, "lock-of-{}.txt".format(name))
        with open(path, "w") as file:
            file.writelines(line + "\n" for line in entries if line.startswith(name + "=="))
        return path

    def run(self, step, command):
        """Run one step, showing that it moves; raise `Failed` with the reason when it fails."""
        import queue
        import threading

        environment = {
            key: value
            for key, value in os.environ.items()
            if key not in ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "VIRTUAL_ENV")
        }
        environment.update(PIP_USER="0", PYTHONNOUSERSITE="1", PYTHONUNBUFFERED="1", NO_COLOR="1")
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            universal_newlines=True,
            errors="replace",
        )
        lines = queue.Queue()

        def read():
            for line in process.stdout:
                lines.put(line.rstrip())
            lines.put(None)

        threading.Thread(target=read, daemon=True).start()
        progress, output = Progress(step), []
        try:
            while True:
                try:
                    line = lines.get(timeout=0.25)
                except queue.Empty:
                    progress.show()
                    continue
                if line is None:
                    break
                output.append(line)
                progress.show(line)
        except BaseException:
            process.kill()
            raise
        if process.wait():
            progress.done("failed")
            raise Failed(self, step, command, output)
        progress.done("done")


class Failed(Stop):
    """A step of the installation failed."""

    def __init__(self, course, step, command, output):
        self.command = command
        text = "\n".join(output)
        found = [
            sentence for words, sentence in CAUSES if any(word in text.lower() for word in words)
        ]
        self.cause = found[0] if found else None
        self.offline = any(word in text.lower() for word in NETWORK_WORDS)
        log = os.path.join(course.venv, "install.log")
        try:
            with open(log, "w") as file:
                file.write(" ".join(command) + "\n" + text + "\n")
        except OSError:
            log = "(it could not be written)"
        sentence = self.cause or (
            "Installing stopped at this step: {step}. The last line was: {last}. Run the same "
            "command again; if it stays so, look into {log}."
        )
        Stop.__init__(
            self,
            sentence.format(
                root=course.root,
                needed=DISK_NEEDED / 1e9,
                python=version_of(sys.version_info),
                step=step,
                last=(output or ["(none)"])[-1],
                log=log,
            ),
        )


class Progress(object):
    """One line a step: on a terminal rewritten as it moves, elsewhere repeated now and then."""

    def __init__(self, step):
        self.step, self.last = step, ""
        self.began = self.told = time.time()
        self.live = sys.stderr.isatty()
        if not self.live:
            say("{} ...".format(step))

    def show(self, line=""):
        self.last = line.strip() or self.last
        now = time.time()
        text = "{} {:4.0f} s  {}".format(self.step, now - self.began, self.last)
        if self.live:
            width = shutil.get_terminal_size().columns - 1
            sys.stderr.write("\r" + text[:width].ljust(width))
            sys.stderr.flush()
        elif now - self.told > 10:
            self.told = now
            say("  " + text[:100])

    def done(self, word):
        text = "{}: {} ({:.0f} s)".format(self.step, word, time.time() - self.began)
        if self.live:
            sys.stderr.write("\r" + text.ljust(shutil.get_terminal_size().columns - 1) + "\n")
        else:
            say(text)


class alone(object):
    """Only one process at a time is inside; the lock ends with its process, however it ends.

    Parameters
    ----------
    path : str
        The file that is locked; it stays behind, empty.
    wait : str
        What a person is told when another process is inside.
    """

    def __init__(self, path, wait):
        self.path, self.wait = path, wait

    def __enter__(self):
        folder = os.path.dirname(self.path)
        if not os.path.isdir(folder):
            os.makedirs(folder, exist_ok=True)
        self.file = open(self.path, "a")  # noqa: SIM115
        if os.name == "nt":
            import msvcrt

            self.file.seek(0)
            while True:
                try:
                    return msvcrt.locking(self.file.fileno(), msvcrt.LK_LOCK, 1)
                except OSError:  # after ten seconds
                    say(self.wait)
        import fcntl

        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say(self.wait)
            fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *error):
        self.file.close()


def clean(course):
    """Remove what can be built again; say what is kept."""
    for name in (".venv", ".cache", "build", "dist", ".pytest_cache", ".ruff_cache", ".hypothesis"):
        path = os.path.join(course.root, name)
        if name == ".venv" and os.path.lexists(path):
            course.remove_environment()
        elif os.path.isdir(path):
            shutil.rmtree(path)
    print("Removed the environment and everything built.")
    workspace = os.path.join(course.root, "workspace")
    if os.path.isdir(workspace):
        print(
            "Kept {}: it holds a learner's work. Remove it by hand if you are sure.".format(
                workspace
            )
        )


def main(arguments):
    use_a_supported_python()
    verb = arguments[0] if arguments else "start"
    if verb in ("-h", "--help", "help"):
        print(USAGE)
        return
    course = Course(os.path.dirname(os.path.abspath(__file__)))
    if verb == "clean":
        clean(course)
        return
    course.install()
    os.environ["TPMKIT_COURSE"] = course.root
    for name in ("PYTHONPATH", "PYTHONHOME"):
        os.environ.pop(name, None)
    if verb in ("test", "test-all"):
        suite = os.path.join(course.root, "tests", "run.py")
        if not os.path.isfile(suite):
            raise Stop("A bundle has no tests; they are run in a checkout of the course.")
        options = ["--all"] if verb == "test-all" else []
        hand_over([course.program("python"), suite] + options + arguments[1:])
    elif verb != "install":
        hand_over([course.program("tpmkit"), verb] + arguments[1:])


def guarded(arguments):
    """Run `main`; whatever a person can cause ends as one sentence."""
    try:
        main(arguments)
    except Stop as stop:
        say(str(stop))
    except KeyboardInterrupt:
        say("\nStopped. Run the same command again to go on.")
        sys.exit(130)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            say("The disk is full. Free some space, then run the same command again.")
        elif error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            say(
                "{} cannot be written to. Copy the course to a folder of your own and run the "
                "same command there.".format(os.path.dirname(error.filename or "") or "This folder")
            )
        else:
            say(
                "The computer refused: {}. Put that right, then run the same command again.".format(
                    error
                )
            )
    else:
        return
    sys.exit(1)


if __name__ == "__main__":
    guarded(sys.argv[1:])
