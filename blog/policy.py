"""Who may do what: pure functions of the person and the thing, on one page. Nothing else in the program decides this.

`user` is a `User` or None (a reader who is not signed in). A disabled person may do nothing. Where a program acts in a
person's name (`is_program`), it may do what its scopes say and that person may: read, propose, comment.
"""

from typing import Protocol

from blog.accounts.models import Role, User
from blog.articles.models import CLOSED, Article, ArticleState, Revision, RevisionState
from blog.comments.models import Comment, CommentKind, CommentState
from blog.followups.models import ActionItem, ActionState
from blog.lib import clock
from blog.media.models import Upload
from blog.moderation.models import Act
from blog.moderation.vocabulary import Verb

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


class Asked(Said, Protocol):
    """A comment that may be a question or a correction."""

    @property
    def kind(self) -> str: ...


def _has(user: User | None, roles: set[Role]) -> bool:
    """Whether a person of these roles acts. A program never does: it has no part in what is decided by role."""
    return user is not None and user.is_active and user.role in roles and not is_program(user)


def is_program(user: User | None) -> bool:
    """Whether a program acts in this person's name, with a token: it reads, proposes and comments, and nothing more."""
    return user is not None and user.acting_program is not None


def token_scopes(user: User | None) -> set[str]:
    """What a token of this person may do at the most, as their role is now."""
    if user is None or not user.is_active:
        return set()
    return {"read", "comment", "propose"} if user.role in WRITERS else {"read", "comment"}


def can_make_token(user: User | None) -> bool:
    return user is not None and user.is_active and not is_program(user)


def can_revoke_token(user: User | None, owner_id: int) -> bool:
    """Everybody ends their own tokens; admins those of anybody."""
    return user is not None and can_make_token(user) and (user.id == owner_id or can_administer(user))


def can_write(user: User | None) -> bool:
    """See the editors' desk and work there."""
    return _has(user, WRITERS)


def can_propose(user: User | None) -> bool:
    """Start a write-up: people who write, and their programs."""
    return user is not None and user.is_active and user.role in WRITERS


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
    return can_propose_revision(user, article)


def can_edit(user: User | None, article: Article) -> bool:
    """Work on a write-up at the editors' desk. A retired one is restored first."""
    return can_write(user) and can_propose_revision(user, article)


def can_propose_revision(user: User | None, article: Article) -> bool:
    """Make a new revision of it: people who may work on it, and their programs."""
    if user is None or not can_propose(user) or article.state in CLOSED:
        return False
    return user.role in REVIEWERS or article.created_by_id == user.id or article.state == ArticleState.PUBLISHED


def can_see_revision(user: User | None, revision: Revision, article: Article) -> bool:
    """What was ever live is everybody's; the rest is seen by those who may work on it."""
    if revision.state in {RevisionState.LIVE, RevisionState.SUPERSEDED}:
        return can_see_article(user, article)
    return can_propose_revision(user, article)


def can_restore_revision(user: User | None, revision: Revision, article: Article) -> bool:
    """Make a new draft of what an earlier revision said."""
    return can_edit(user, article) and can_see_revision(user, revision, article)


def can_discard_draft(user: User | None, revision: Revision, article: Article, author_ids: set[int]) -> bool:
    """Put a draft away: who wrote a part of it, or a reviewer. One that waits for a review is taken back first."""
    is_draft = revision.state in {RevisionState.DRAFT, RevisionState.CHANGES_REQUESTED}
    return is_draft and _may_put_away(user, article, author_ids)


def can_bring_back_draft(user: User | None, revision: Revision, article: Article, author_ids: set[int]) -> bool:
    return revision.state == RevisionState.DISCARDED and _may_put_away(user, article, author_ids)


def _may_put_away(user: User | None, article: Article, author_ids: set[int]) -> bool:
    return user is not None and can_edit(user, article) and (user.id in author_ids or user.role in REVIEWERS)


def can_submit(user: User | None, revision: Revision, article: Article) -> bool:
    """Ask for a review. A program does with what it proposes, as soon as it has."""
    return can_propose_revision(user, article) and revision.state in {
        RevisionState.DRAFT,
        RevisionState.CHANGES_REQUESTED,
    }


def can_waive(user: User | None, revision: Revision, article: Article) -> bool:
    """Say why a finding of the checks stays as it is: who may ask for the review that it stands in the way of."""
    return can_submit(user, revision, article)


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


def can_settle_remark(user: User | None, article: Article) -> bool:
    """Answer a remark, and say that nothing is left to do about it, or something after all."""
    return can_edit(user, article)


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


def is_suspended(user: User | None) -> bool:
    """Whether moderators keep this person from taking part for now: they read, and post, flag and mark nothing."""
    return user is not None and user.suspended_until is not None and user.suspended_until > clock.now()


def can_take_part(user: User | None) -> bool:
    """Add to discussions at all: what every way of doing it asks first."""
    return user is not None and user.is_active and not is_suspended(user)


def can_follow(user: User | None) -> bool:
    """Hear of what happens: people, by whatever they may read. What they follow is seen by nobody else."""
    return user is not None and user.is_active and not is_program(user)


def can_comment(user: User | None, article: Article) -> bool:
    return can_take_part(user) and article.state == ArticleState.PUBLISHED


def can_see_comment(user: User | None, comment: Comment) -> bool:
    """Whether the comment, or its place in the thread, is there for this person. Whether they may see the write-up is
    asked beside this.
    """
    if comment.state != CommentState.HELD and not comment.is_unseen:
        return True
    return can_see_waiting(user, comment)


def can_see_waiting(user: User | None, comment: Said) -> bool:
    """See what waits, or was never let through: only its writer, also through a program, and moderators."""
    return user is not None and (user.id == comment.user_id or can_moderate(user))


def can_withdraw_comment(user: User | None, comment: Said) -> bool:
    if user is None or not user.is_active or is_program(user):
        return False
    return comment.user_id == user.id and comment.state in {CommentState.VISIBLE, CommentState.HELD}


def can_note_thread(user: User | None, article: Article) -> bool:
    """Say how far one has read a discussion, to have what comes later marked."""
    return user is not None and user.is_active and not is_program(user) and can_see_article(user, article)


def can_mark_comment(user: User | None, comment: Said, article: Article) -> bool:
    """Say that what somebody else said was useful, or take that back."""
    if user is None or is_program(user) or not can_comment(user, article):
        return False
    return comment.user_id != user.id and comment.state == CommentState.VISIBLE


def can_settle_comment(user: User | None, comment: Asked, article: Article, writer_ids: set[int]) -> bool:
    """Say how a question or a correction stands: of a question who asked it and the authors of the write-up do, of a
    correction whoever may edit that.
    """
    if user is None or is_program(user) or comment.state != CommentState.VISIBLE or not can_comment(user, article):
        return False
    if comment.kind == CommentKind.CORRECTION:
        return can_edit(user, article)
    return comment.kind == CommentKind.QUESTION and user.id in {comment.user_id, *writer_ids}


def can_edit_comment(user: User | None, comment: Said, article: Article) -> bool:
    """Change its words: only who wrote it, as long as the discussion goes on; also while it waits for a moderator."""
    is_own = user is not None and comment.user_id == user.id and not is_program(user)
    return is_own and can_comment(user, article) and comment.state in {CommentState.VISIBLE, CommentState.HELD}


def can_moderate(user: User | None) -> bool:
    return _has(user, MODERATORS)


def can_moderate_comment(user: User | None, comment: Said) -> bool:
    """Act on a comment: never on one's own words."""
    return user is not None and can_moderate(user) and comment.user_id != user.id


def can_set_rules(user: User | None) -> bool:
    """Say what holds comments until a moderator looked at them, and try it: who looks at them."""
    return can_moderate(user)


def can_hide_comment(user: User | None, comment: Said) -> bool:
    return can_moderate_comment(user, comment) and comment.state in {CommentState.VISIBLE, CommentState.HELD}


def can_restore_comment(user: User | None, comment: Said) -> bool:
    return can_moderate_comment(user, comment) and comment.state == CommentState.HIDDEN


def can_flag_comment(user: User | None, comment: Said) -> bool:
    """Say that something is wrong with what somebody else wrote. A program does not."""
    if user is None or not can_take_part(user) or is_program(user):
        return False
    return comment.user_id != user.id and comment.state == CommentState.VISIBLE


def can_undo(user: User | None, act: Act) -> bool:
    """Take an act of moderation back: who did it, or another moderator, and none in their own favour; how an appeal was
    judged only who judged it, or whose act it was about could overrule them. What flags put aside is approved instead.
    """
    if user is None or not can_moderate(user) or act.person_id == user.id or act.verb == Verb.HOLD:
        return False
    return act.verb not in {Verb.UPHOLD, Verb.GRANT} or act.actor_id == user.id


def can_appeal(user: User | None, act: Act) -> bool:
    """Ask for another look at what was done to oneself. Who is suspended may do that, too."""
    is_own = user is not None and user.is_active and not is_program(user) and act.person_id == user.id
    return is_own and act.verb in {Verb.HIDE, Verb.SUSPEND} and act.undone_at is None


def can_judge(user: User | None, act: Act) -> bool:
    """Judge an appeal against this act: a moderator who neither did it nor was meant."""
    return user is not None and can_moderate(user) and user.id not in {act.actor_id, act.person_id}


def can_suspend(user: User | None, person: User) -> bool:
    """Keep somebody from taking part for a while, or end that. Moderators and admins lose their role first."""
    return user is not None and can_moderate(user) and person.id != user.id and person.role not in MODERATORS


def can_follow_up(user: User | None, action: ActionItem) -> bool:
    """Say how a promised action stands: people who write, and whoever it belongs to."""
    is_own = user is not None and user.is_active and not is_program(user) and user.id == action.owner_id
    return action.is_live and (is_own or can_write(user))


def can_confirm_action(user: User | None, action: ActionItem) -> bool:
    """Confirm that it is done: never who said so, nor whose action it is."""
    if user is None or not can_write(user) or not action.is_live or action.state != ActionState.DONE:
        return False
    return user.id not in {action.done_by_id, action.owner_id}


def can_send_back_action(user: User | None, action: ActionItem) -> bool:
    """Say that the evidence does not show it. Who gave the evidence may do that, too."""
    return can_write(user) and action.is_live and action.state == ActionState.DONE


def can_drop_action(user: User | None, action: ActionItem) -> bool:
    """Take a promise back: what readers were promised is no one author's."""
    return _has(user, REVIEWERS) and action.is_live and action.is_open


def can_reopen_action(user: User | None, action: ActionItem) -> bool:
    return _has(user, REVIEWERS) and action.is_live and action.state in {ActionState.CONFIRMED, ActionState.DROPPED}


def can_administer(user: User | None) -> bool:
    """Accounts, roles, settings, the full journal."""
    return _has(user, {Role.ADMIN})


def can_export_data(user: User | None, person: User) -> bool:
    """Have everything about a person in one archive: only they themselves."""
    return user is not None and user.is_active and not is_program(user) and user.id == person.id


def can_erase(user: User | None, person: User) -> bool:
    """Take away all that is known of a person: they themselves, and an admin whom they asked."""
    return person.erased_at is None and (can_export_data(user, person) or can_administer(user))
