"""`grants benchmark`: our own speed beside that of others, in one run on one machine."""

from __future__ import annotations

import click

from grants.cli.benchmark.funding import funding
from grants.cli.benchmark.ledger import ledger
from grants.cli.benchmark.statement import statement


@click.group("benchmark")
def benchmark_command() -> None:
    """How fast it is, measured beside others in the same run."""


benchmark_command.add_command(funding)
benchmark_command.add_command(ledger)
benchmark_command.add_command(statement)
