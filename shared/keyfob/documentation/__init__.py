"""The live documentation of a stage: its OpenAPI document, and the pages that show it.

Everything about an endpoint comes from its contract's `Operation` and from the models that the handlers use. What those
do not say, such as a sentence about it, stands in one table: `keyfob.documentation.operations`.
"""
