# ruff: noqa
# Code that leaves something behind for the next submission or for the instructor.

# %% attack="a start-up file for every later Python" leaves="home:.local/lib/usercustomize.py"
import os

folder = os.environ["REAL_HOME"] + "/.local/lib"
os.makedirs(folder, exist_ok=True)
open(folder + "/usercustomize.py", "w").write("print('I am here')")

# %% attack="a file in the course" leaves="course:gift.txt"
open("../../../gift.txt", "w").write("for you")

# %% attack="a file in the shared temporary folder" leaves="tmp:tpmkit-attack-gift"
open("/tmp/tpmkit-attack-gift", "w").write("for you")

# %% attack="another learner's work, changed" leaves="course:submitted/honest/mini/changed"
open("../../../submitted/honest/mini/changed", "w").write("oops")

# %% attack="a better grade in the gradebook" leaves="grade"
import sqlite3

book = sqlite3.connect("../../../gradebook.db", timeout=5)
book.execute("UPDATE student SET last_name = 'graduated'")
book.commit()

# %% attack="a process that stays" leaves="process:86399"
import subprocess

subprocess.Popen(["sleep", "86399"], start_new_session=True)

# %% attack="a process that stays, twice removed" leaves="process:86398"
import os

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execvp("sleep", ["sleep", "86398"])
    os._exit(0)
