"""The one table of what follows from what: event kind -> job kinds. `app.py` ties each job kind to its code."""

INDEX = "search.index"
PROJECT_ACTIONS = "followups.project"

REACTIONS: dict[str, tuple[str, ...]] = {
    "article.published": (INDEX, PROJECT_ACTIONS),
    "article.imported": (INDEX, PROJECT_ACTIONS),
    "article.retired": (INDEX, PROJECT_ACTIONS),
    "article.restored": (INDEX, PROJECT_ACTIONS),
    "comment.posted": (INDEX,),
    "comment.edited": (INDEX,),
    "comment.hidden": (INDEX,),
    "comment.restored": (INDEX,),
    "comment.withdrawn": (INDEX,),
    "comment.imported": (INDEX,),
}
