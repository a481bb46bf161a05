"""Slack: one workspace, reached over HTTP."""
