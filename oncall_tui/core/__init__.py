"""Pure judgement: snapshots, writes, settings and the time in; a board out. No clock, network, disk or environment."""
