"""Automatic deployment: an account that comes into a target unit gets the set's stacks, one that leaves loses them.

Source: CloudFormation User Guide, "Enable or disable automatic deployments for StackSets in AWS Organizations".
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from crossdock.local.cloudformation.stacksets import organization
from crossdock.local.cloudformation.stacksets.state import Instance, Place, StackSet

if TYPE_CHECKING:
    from crossdock.local.cloudformation.stacksets.calls import StackSetCalls


class Followers:
    """One thread at a time follows the accounts that moved, each to where it is when its turn has come."""

    def __init__(self, engine: StackSetCalls) -> None:
        self._engine = engine
        self._turn = threading.Lock()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Heed the organization, and catch up with what happened when nobody did."""
        found = organization.of(self._engine)
        if found is None:
            return
        found.listeners.append(lambda account, _before, _after: self._begin((account,)))
        if any(_follows(one) for one in self._engine.state.stack_sets.values()):
            self._begin(tuple(found.state.accounts))

    def join(self, seconds: float) -> None:
        for thread in list(self._threads):
            thread.join(seconds)

    def _begin(self, accounts: tuple[str, ...]) -> None:
        if not any(_follows(one) for one in self._engine.state.stack_sets.values()):
            return
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        thread = threading.Thread(target=self._go, args=(accounts,), name="automatic deployment", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _go(self, accounts: tuple[str, ...]) -> None:
        with self._turn:
            for one in list(self._engine.state.stack_sets.values()):
                for account in accounts if _follows(one) else ():
                    self._engine.when_idle(one)
                    self._follow(one, account)
                    self._engine.when_idle(one)

    def _follow(self, one: StackSet, account: str) -> None:
        """Compare what a set has in an account with what it should have, and do what lacks."""
        found = organization.of(self._engine)
        if organization.status(self._engine) != "ENABLED" or found is None:
            return
        path = found.state.path(account) if account != self._engine.world.management_account else ()
        wanted: dict[Place, str] = {}
        for unit in [unit for unit in one.units if unit in path]:
            for region in one.units[unit]:
                wanted.setdefault((account, region), unit)
        held = [instance.place for instance in list(one.instances.values()) if instance.account == account]
        for place in held:
            if place in wanted:
                one.instances[place].unit = wanted[place]
        if gone := [place for place in held if place not in wanted and one.instances[place].unit]:
            self._engine.take_away(one, gone, retain=one.keeps_stacks)
        fresh = [Instance(account=account, region=place[1], unit=unit) for place, unit in wanted.items()
                 if place not in held]
        if fresh:
            self._engine.bring_to(one, fresh)


def _follows(one: StackSet) -> bool:
    return one.status == "ACTIVE" and one.managed_by_service and one.automatic
