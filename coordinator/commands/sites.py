"""``site``: invite sites, look after them and end memberships."""

from datetime import timedelta
from typing import Annotated

import typer

from coordinator.access.auth import CODE_LIFETIME, invite_sites
from coordinator.access.ending import revoke_site
from coordinator.commands.answering import (
    AsJson,
    Yes,
    confirm,
    say,
    say_aside,
    say_done,
    say_json,
    say_rows,
)
from coordinator.commands.opening import StudyId, now, opened, settings_of, shown_fingerprint
from coordinator.dashboard.roster import read_roster
from coordinator.invitation import Invitation, write_invitation
from coordinator.rounds.course import check_goes_on
from coordinator.storage.studies import find_study

commands = typer.Typer(help="Invite sites and end memberships.", no_args_is_help=True)


@commands.command()
def invite(
    context: typer.Context,
    study_id: StudyId,
    count: Annotated[int, typer.Option(min=1, max=1000, help="How many codes.")] = 1,
    expires_days: Annotated[
        float, typer.Option(min=0.01, max=365, help="Days until an unused code is void.")
    ] = CODE_LIFETIME.days,
    as_json: AsJson = False,
) -> None:
    """Print invitations, each for one site and of use once; they are not shown again.

    Without `public_address` in the settings they are bare codes.
    """
    settings, expires_at = settings_of(context), now() + timedelta(days=expires_days)
    fingerprint = shown_fingerprint(settings)
    with opened(context) as state, state.store.writing() as connection:
        check_goes_on(connection, study_id)
        codes = invite_sites(connection, study_id, now(), timedelta(days=expires_days), count)
    address = settings.invited_to
    invitations = [
        write_invitation(Invitation(address, study_id, code, fingerprint))
        for code in codes
        if address is not None
    ]
    if as_json:
        given = {"address": address, "expires_at": expires_at}
        say_json({"codes": codes, "invitations": invitations, **given})
    elif address is None:
        say("\n".join(codes))
        say_aside(
            "Set public_address (and public_certificate behind a proxy) to get each as one string "
            "with the address in it"
        )
    else:
        say(f"Each is for one site, works once and until {expires_at:%Y-%m-%d}:")
        for invitation, code in zip(invitations, codes, strict=True):
            say(f"\n{invitation}\nor: {address} with the code {code}")


@commands.command("list")
def list_members(context: typer.Context, study_id: StudyId, as_json: AsJson = False) -> None:
    """List a study's sites, when each was last heard of, and what it has done."""
    with opened(context) as state, state.store.reading() as connection:
        roster = read_roster(connection, find_study(connection, study_id), {}, now())
    rows = [
        {
            "site_id": site.site_id,
            "name": site.site_name,
            "membership": "ended" if site.is_revoked else "active",
            "last_seen_at": site.last_seen_at,
            "program": site.program,
            "extractor": site.extractor,
            "scanners": site.domain_count,
            "updates": site.update_count,
            "newest_round": site.newest_round,
        }
        for site in roster
    ]
    if as_json:
        say_json(rows)
    else:
        say_rows(rows, if_none="No site has joined this study yet")


@commands.command()
def revoke(
    context: typer.Context,
    study_id: StudyId,
    site_id: Annotated[str, typer.Argument(help="Id of the site, as `site list` prints it.")],
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """End a site's membership; what it sent counts in no further average and is removed."""
    confirm(f"The membership of site {site_id} ends for good.", is_meant=yes)
    with opened(context) as state:
        with state.store.writing() as connection:
            forgotten = revoke_site(connection, study_id, site_id, now())
        state.blobs.delete(*forgotten)
    say_done(f"The membership of site {site_id} has ended", as_json=as_json)
