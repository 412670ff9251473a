"""How pages name jobs and what they are about."""

from blog.journal.models import Job
from blog.journal.reactions import INDEX, PROJECT_ACTIONS

KINDS = {
    INDEX: "Bring the search up to date",
    PROJECT_ACTIONS: "List the promised actions of a write-up",
}
SUBJECTS = {"article": "write-up"}


def kind_words(job: Job) -> str:
    """What the job should do; the bare name of a kind that this program no longer knows."""
    return KINDS.get(job.kind, job.kind)


def subject_words(job: Job) -> str:
    """The row it is about: `write-up 12`."""
    return f"{SUBJECTS.get(job.subject_type, job.subject_type)} {job.subject_id}"
