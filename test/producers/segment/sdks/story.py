"""Tells the story, given as JSON on the standard input, with segment-analytics-python as the README says."""

import json
import sys

import segment.analytics as analytics

given = json.load(sys.stdin)
story = given["story"]
errors = []
analytics.write_key, analytics.host = given["writeKey"], given["host"]
analytics.on_error = lambda error, _: errors.append(str(error))
analytics.identify(story["userId"], story["traits"])
analytics.group(story["userId"], story["groupId"], story["groupTraits"])
analytics.track(story["userId"], story["event"], story["properties"])
analytics.page(story["userId"], None, story["page"])
analytics.shutdown()
sys.exit("\n".join(errors) or 0)
