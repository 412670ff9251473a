"""What follows a review: publish now or at a time, call that off, retire, restore."""

from flask.typing import ResponseReturnValue

from blog.accounts.access import signed_in
from blog.accounts.models import User
from blog.articles import queries
from blog.articles.models import Revision
from blog.articles.wording import utc_words
from blog.editor import publishing, scheduling
from blog.editor.desk_views import editor
from blog.editor.review_views import decide, typed
from blog.editor.schedule_forms import instant_of
from blog.errors import NotAllowed


@editor.post("/revisions/<int:revision_id>/publish")
def publish(revision_id: int) -> ResponseReturnValue:
    def change(user: User, revision: Revision) -> str:
        publishing.publish(actor=user, revision=revision, article=revision.article)
        return "Published. Everybody can read it now."

    return decide(revision_id, change)


@editor.post("/revisions/<int:revision_id>/schedule")
def schedule(revision_id: int) -> ResponseReturnValue:
    def change(user: User, revision: Revision) -> str:
        at = instant_of(typed("publish_at"))
        scheduling.schedule(actor=user, revision=revision, article=revision.article, publish_at=at)
        return f"It will be published on {utc_words(at)}."

    return decide(revision_id, change, field="schedule")


@editor.post("/revisions/<int:revision_id>/unschedule")
def unschedule(revision_id: int) -> ResponseReturnValue:
    def change(user: User, revision: Revision) -> str:
        scheduling.unschedule(actor=user, revision=revision)
        return "The time was called off. It stays approved, and unpublished until a reviewer publishes it."

    return decide(revision_id, change)


@editor.post("/articles/<int:article_id>/retire")
def retire(article_id: int) -> ResponseReturnValue:
    def change(user: User, revision: Revision) -> str:
        publishing.retire(actor=user, article=revision.article, reason=typed("reason"))
        return "Retired. Its address says why; a reviewer can restore it from the desk."

    return decide(_live_id(article_id), change, field="retire")


@editor.post("/articles/<int:article_id>/restore")
def restore(article_id: int) -> ResponseReturnValue:
    def change(user: User, revision: Revision) -> str:
        publishing.restore(actor=user, article=revision.article, revision=revision)
        return "Restored. It stands in lists and search again."

    return decide(_live_id(article_id), change)


def _live_id(article_id: int) -> int:
    article = queries.article_by_id(signed_in(), article_id)
    if article.live_revision_id is None:
        raise NotAllowed("This write-up was never published.")
    return article.live_revision_id
