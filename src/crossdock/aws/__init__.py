"""AWS as this program uses it: one profile that becomes any account and region, stacks, repositories, pipelines."""
