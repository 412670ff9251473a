"""Who may do what: pure functions of the person and the thing, on one page. Nothing else in the program decides this.

`user` is a `User` or None (a reader who is not signed in). A disabled person may do nothing.
"""

from typing import Protocol

from blog.accounts.models import Role, User
from blog.articles.models import CLOSED, Article, ArticleState, Revision, RevisionState
from blog.comments.models import CommentState
from blog.media.models import Upload

WRITERS = {Role.AUTHOR, Role.REVIEWER, Role.ADMIN}
REVIEWERS = {Role.REVIEWER, Role.ADMIN}
MODERATORS = {Role.MODERATOR, Role.ADMIN}
OPEN_REVISIONS = {RevisionState.DRAFT, RevisionState.SUBMITTED, RevisionState.CHANGES_REQUESTED, RevisionState.APPROVED}


class Said(Protocol):
    """A comment, or its place in a thread."""

    @property
    def user_id(self) -> int: ...
    @property
    def state(self) -> CommentState: ...


def _has(user: User | None, roles: set[Role]) -> bool:
    return user is not None and user.is_active and user.role in roles


def can_write(user: User | None) -> bool:
    """Start a write-up, and see the editors' desk."""
    return _has(user, WRITERS)


def can_upload(user: User | None) -> bool:
    """Put a picture on the site, for a write-up."""
    return can_write(user)


def can_withdraw_upload(user: User | None, upload: Upload) -> bool:
    """Have a picture shown no longer: who put it there, or an admin."""
    is_own = user is not None and can_upload(user) and upload.created_by_id == user.id
    return (is_own or can_administer(user)) and not upload.is_withdrawn


def can_restore_upload(user: User | None, upload: Upload) -> bool:
    """Show it again: who withdrew it, or an admin."""
    is_own = user is not None and can_upload(user) and upload.withdrawn_by_id == user.id
    return (is_own or can_administer(user)) and upload.is_withdrawn


def can_see_article(user: User | None, article: Article) -> bool:
    """Published and retired write-ups are everybody's; a draft is its maker's and the reviewers'."""
    if article.state != ArticleState.DRAFT:
        return True
    return user is not None and can_edit(user, article)


def can_edit(user: User | None, article: Article) -> bool:
    """Make a new revision. A retired write-up is restored first."""
    if not can_write(user) or user is None or article.state in CLOSED:
        return False
    return user.role in REVIEWERS or article.created_by_id == user.id or article.state == ArticleState.PUBLISHED


def can_see_revision(user: User | None, revision: Revision, article: Article) -> bool:
    """What was ever live is everybody's; the rest is seen by those who may work on it."""
    if revision.state in {RevisionState.LIVE, RevisionState.SUPERSEDED}:
        return can_see_article(user, article)
    return can_edit(user, article)


def can_submit(user: User | None, revision: Revision, article: Article) -> bool:
    return can_edit(user, article) and revision.state in {RevisionState.DRAFT, RevisionState.CHANGES_REQUESTED}


def can_review(user: User | None, revision: Revision, author_ids: set[int]) -> bool:
    """Approve a revision or ask for changes: never by anybody who wrote a part of it."""
    if user is None or not _has(user, REVIEWERS) or user.id in author_ids:
        return False
    return revision.state in {RevisionState.SUBMITTED, RevisionState.APPROVED}


def can_publish(user: User | None, revision: Revision) -> bool:
    """Put an approved revision live. That it is approved is a fact the change checks again, by hash."""
    return _has(user, REVIEWERS) and revision.state == RevisionState.APPROVED


def can_recall(user: User | None, revision: Revision, article: Article, author_ids: set[int]) -> bool:
    """Take a revision back from its reviewers: who wrote a part of it does."""
    if user is None or user.id not in author_ids or not can_edit(user, article):
        return False
    return revision.state in {RevisionState.SUBMITTED, RevisionState.APPROVED}


def can_unschedule(user: User | None, revision: Revision, author_ids: set[int]) -> bool:
    """Call off the hour at which a revision would go live: the safe direction, so its authors may as well."""
    if user is None or revision.publish_at is None:
        return False
    return _has(user, REVIEWERS) or (can_write(user) and user.id in author_ids)


def can_remark(user: User | None, revision: Revision, article: Article) -> bool:
    """Say something about a line of a revision that is not decided yet, or settle what was said: whoever may see it."""
    return revision.state in OPEN_REVISIONS and can_edit(user, article)


def can_retire(user: User | None, article: Article) -> bool:
    return _has(user, REVIEWERS) and article.state == ArticleState.PUBLISHED


def can_restore_article(user: User | None, article: Article) -> bool:
    return _has(user, REVIEWERS) and article.state == ArticleState.RETIRED


def can_change_address(user: User | None, article: Article) -> bool:
    """Give a write-up another slug: of a draft whoever works on it, of a published one reviewers."""
    return can_edit(user, article) and (article.state == ArticleState.DRAFT or _has(user, REVIEWERS))


def can_merge(user: User | None, article: Article) -> bool:
    """Let a write-up stand in another one from now on: like retiring it, and also for what is retired already."""
    return _has(user, REVIEWERS) and article.state in {ArticleState.PUBLISHED, ArticleState.RETIRED}


def can_undo_merge(user: User | None, article: Article) -> bool:
    return _has(user, REVIEWERS) and article.state == ArticleState.MERGED


def can_note_visit(user: User | None, revision: Revision, article: Article) -> bool:
    """Say that one has read it, to have what changes later marked."""
    is_person = user is not None and user.is_active and not is_program(user)
    return is_person and revision.live_at is not None and can_see_revision(user, revision, article)


def can_comment(user: User | None, article: Article) -> bool:
    return user is not None and user.is_active and article.state == ArticleState.PUBLISHED


def can_withdraw_comment(user: User | None, comment: Said) -> bool:
    return user is not None and user.is_active and comment.user_id == user.id and comment.state == CommentState.VISIBLE


def can_moderate(user: User | None) -> bool:
    return _has(user, MODERATORS)


def can_hide_comment(user: User | None, comment: Said) -> bool:
    return can_moderate(user) and comment.state == CommentState.VISIBLE


def can_restore_comment(user: User | None, comment: Said) -> bool:
    return can_moderate(user) and comment.state == CommentState.HIDDEN


def can_administer(user: User | None) -> bool:
    """Accounts, roles, settings, the full journal."""
    return _has(user, {Role.ADMIN})
