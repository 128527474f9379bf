"""A course, a grader and practice tools for people who lead machine-learning programs."""
