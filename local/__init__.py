"""The laptop: what `template.yaml` deploys, served on 127.0.0.1 without an AWS account."""
