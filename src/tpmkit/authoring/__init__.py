"""From text sources to notebooks: build, verify, hand out, hand in."""
