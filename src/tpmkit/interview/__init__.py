"""Mock interviews: a question bank, solo, pair and panel sessions, and honest reports."""
