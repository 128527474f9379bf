"""The words that carry numbers, dates, owners, hedges, negations and the parts of an answer."""

import re

NUMBER = re.compile(
    r"""[$€£]\s?\d[\d,.]*\s?(?:k|m|bn|million|billion|thousand)?\b
      | \bp\d{2}\b
      | \b\d[\d,.]*(?:\s?(?:%|(?:percent|points?|k|x)\b
          |(?:person-)?(?:days?|weeks?|months?|hours?|minutes?)\b))?
      | \b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|half)
        \s(?:of|percent|points?|days?|weeks?|months?|hours?|people|engineers?|times|options?)\b""",
    re.IGNORECASE | re.VERBOSE,
)
MONTH = "january|february|march|april|june|july|august|september|october|november|december"
DATE = re.compile(
    rf"""\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b
      | \b\d{{1,2}}\s(?:{MONTH}|may)\b
      | \b(?:{MONTH})(?:\s\d{{1,2}}\b)?
      | \b(?:in|by|until|of|end\sof|mid-)\s?may\b
      | \bweeks?\s\d+\b | \bday\s\d+\b | \bq[1-4]\b | \b\d{{4}}-\d{{2}}-\d{{2}}\b
      | \b(?:today|tomorrow|tonight)\b
      | \b(?:this|next|end\sof(?:\sthe)?)\s(?:week|month|quarter|sprint|year)\b""",
    re.IGNORECASE | re.VERBOSE,
)
VERBS = "owns?|will|is|signs?|decides?|approves?|leads?|takes?|runs?|drafts?|reports?|calls?"
ROLES = (
    "lead|owner|manager|director|officer|head|engineer|scientist|analyst|counsel|sponsor|"
    "vp|cto|ceo|cfo|coo|pm"
)
OWNER = re.compile(
    rf"""\b(?-i:[A-Z][a-z]+)(?=\s(?:{VERBS})\s)
       | \b(?:the|our|my)\s(?:[a-z-]+\s){{0,2}}(?:{ROLES})(?=\s(?:{VERBS})\b)
       | \bI(?:\s(?:own|will)\b|'ll\b)
       | (?<=owned\sby\s)(?:the\s)?\w+""",
    re.IGNORECASE | re.VERBOSE,
)
NOT_OWNERS = set(
    "That This It There What Which Nobody Everyone They We You He She The Then If".split()
)
HEDGE = re.compile(
    r"""\b(?:maybe|perhaps|hopefully|basically|somewhat|sort\sof|kind\sof|i\sguess|i\sthink|i\sfeel
      | i\ssuppose|more\sor\sless|as\ssoon\sas\spossible|asap|try\sto
      | should\sbe\sfine|probably\sfine
      | if\spossible|at\ssome\spoint|and\sso\son|or\ssomething|some\skind\sof)\b""",
    re.IGNORECASE | re.VERBOSE,
)
NEGATION = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot|refuse|refused|reject|skip|"
    r"instead\sof|rather\sthan|hardly|unnecessary|pointless|useless)\b|n['’]t\b",
    re.IGNORECASE,
)
NOT_NEGATED = re.compile(
    r"\bnot\s(?:only|just|merely)\b|\bno\s(?:later|more|less|fewer|earlier)\sthan\b|\bno\sdoubt\b|"
    r"\bwhy\snot\b|\bwhether\sor\snot\b|\bif\snot\b",
    re.IGNORECASE,
)
SLOTS: dict[str | None, dict[str, tuple[str, ...]]] = {
    "star": {
        "situation": (
            "when i (?:was|joined|led|ran)",
            "at the time",
            "we (?:had|were)",
            "in (?:19|20)\\d\\d",
            "last (?:year|spring|summer|autumn|winter|quarter)",
            "the team (?:had|was)",
            "i was",
        ),
        "task": (
            "my (?:job|task|role|part|goal|responsibility)",
            "i (?:had|needed) to",
            "i was (?:asked|responsible|accountable)",
            "i owned",
            "the goal was",
            "what i owed",
        ),
        "action": (
            "i (?:asked|set|called|wrote|built|decided|moved|cut|split|proposed|ran|met)",
            "i (?:told|stopped|went|put|made|took|invited|showed|agreed|mapped)",
        ),
        "result": (
            "result",
            "in the end",
            "as a result",
            "we (?:shipped|launched|delivered|landed|cut|saved|finished|recovered)",
            "it (?:shipped|launched|fell|rose|dropped|went)",
            "ended up",
            "which (?:cut|saved|brought|raised)",
        ),
        "trade-off": (
            "trade-?off",
            "gave up",
            "at the (?:cost|price|expense) of",
            "the price was",
            "in exchange",
            "the alternative was",
            "it cost",
            "i chose \\w+ over",
            "rather than",
        ),
        "lesson": (
            "next time",
            "i would (?:now|do|again)",
            "i learned",
            "i learnt",
            "since then",
            "looking back",
            "in hindsight",
            "what i(?:'d| would) change",
        ),
    },
    "executive_update": {
        "ask": (
            "i (?:need|ask|am asking|want) (?:you|for|a decision)",
            "i need",
            "the ask",
            "my ask",
            "decide",
            "decision (?:i need|today)",
            "approve",
            "please (?:decide|approve)",
        ),
        "change": (
            "since (?:last|monday|our)",
            "changed",
            "what(?:'s| is) new",
            "slipped",
            "moved from",
            "was .{1,30} now",
            "now (?:at|stands|says|shows)",
        ),
        "why it matters": (
            "which means",
            "that means",
            "matters",
            "because",
            "impact",
            "costs? us",
            "worth",
            "at stake",
        ),
        "risk": (
            "risk",
            "might fail",
            "if (?:this|that|it|we|the)",
            "chance",
            "worst case",
            "probability",
            "could (?:slip|fail|cost)",
        ),
        "owner": (
            "own(?:s|er|ed)",
            "accountable",
            "responsible",
            "[a-z]+ (?:will|is going to) (?:have|deliver|send|report|decide|run|fix)",
            "i(?:'ll| will)",
        ),
        "next checkpoint": (
            "next (?:update|checkpoint|check|review|report)",
            "by (?:monday|tuesday|wednesday|thursday|friday|tomorrow|the end)",
            "i(?:'ll| will) (?:be back|report|update|come back)",
            "on (?:monday|tuesday|wednesday|thursday|friday)",
            "week \\d+",
        ),
    },
    "pushback": {
        "shared goal": (
            "we both",
            "both of us",
            "same goal",
            "shared? (?:goal|aim)",
            "i want (?:that|this|it|the same|us)",
            "you and i",
            "we all want",
            "i know (?:you|how much|what)",
        ),
        "disagreement": (
            "i (?:disagree|can't|cannot|can not|won't|will not|would not|wouldn't|don't|do not)",
            "i see it differently",
            "not the (?:way|date|scope)",
            "i(?:'m| am) not (?:able|willing|going)",
        ),
        "reason": (
            "because",
            "the reason",
            "the (?:data|numbers|figures|simulation|evidence)",
            "since",
            "last time",
        ),
        "risk": (
            "risk",
            "if we",
            "would (?:cost|break|lose|expose)",
            "chance",
            "exposed?",
            "worst case",
        ),
        "alternative": (
            "instead",
            "alternative",
            "option",
            "what (?:i|we) can",
            "i can offer",
            "what if",
            "we could",
            "how about",
            "either",
        ),
        "relationship": (
            "thank",
            "appreciate",
            "understand",
            "help (?:you|me)",
            "let's",
            "together",
            "i(?:'ll| will) (?:back|support|stand|come with)",
            "fair",
        ),
    },
}
