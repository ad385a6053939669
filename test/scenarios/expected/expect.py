"""Computes product-webinar.csv from the scenario, second by second, knowing nothing of webhooks or of Tributary's code.

    python3 test/scenarios/expected/expect.py

It reads people.csv and webinar.json beside the recording: who was in the room from when to when. Seconds are counted in sets, one element a second,
and rounding is done with whole numbers only. README.md here says what each column means and repeats a dozen rows by hand.
"""

import csv
import json
import os
from datetime import datetime, timedelta, timezone

HERE = os.path.dirname(os.path.abspath(__file__))
RECORDING = os.path.join(HERE, '..', '..', '..', 'services', 'sandbox', 'zoom', 'recordings')


def moment(text):
    return datetime.strptime(text, '%Y-%m-%dT%H:%M:%SZ').replace(tzinfo=timezone.utc)


def seconds_between(start, end):
    """Every second that begins at or after `start` and before `end`."""
    seconds = set()
    while start < end:
        seconds.add(start)
        start += timedelta(seconds=1)
    return seconds


def half_up(numerator, denominator):
    return (2 * numerator + denominator) // (2 * denominator)


def iso(time):
    return time.strftime('%Y-%m-%dT%H:%M:%S.000Z')


def tenths(value):
    return str(value // 10) if value % 10 == 0 else f'{value // 10}.{value % 10}'


with open(os.path.join(RECORDING, 'webinar.json'), encoding='utf-8') as file:
    webinar = json.load(file)
with open(os.path.join(RECORDING, 'people.csv'), encoding='utf-8', newline='') as file:
    people = list(csv.DictReader(file))

day = webinar['scheduled'][:10]
instances = [(moment(one['start']), moment(one['end'])) for one in webinar['instances']]
running = set()
for start, end in instances:
    running |= seconds_between(start, end)


def presence(person):
    """First join, last leave and the seconds in the room, or None for who never came."""
    joins, leaves, inside = [], [], set()
    for text in filter(None, person['sessions'].split('; ')):
        joined, left = text.split(' ')[0].split('-')
        join = moment(f'{day}T{joined}Z')
        end_of_instance = next(end for start, end in reversed(instances) if start <= join)
        leave = end_of_instance if left == '?' else moment(f'{day}T{left}Z')
        joins.append(join)
        leaves.append(leave)
        inside |= seconds_between(join, leave) & running
    return (min(joins), max(leaves), inside) if joins else None


rows = []
for person in people:
    if person['email'] == '':
        continue
    there = presence(person)
    if there is None and person['registration'].startswith(('cancelled', 'denied')):
        continue
    row = {'webinar': webinar['id'], 'email': person['email'].lower(), 'status': 'missed', 'joinedAt': '', 'leftAt': '', 'minutes': 0, 'percent': 0}
    if there is not None:
        first, last, inside = there
        row.update(status='attended', joinedAt=iso(first), leftAt=iso(last))
        row.update(minutes=tenths(half_up(10 * len(inside), 60)), percent=min(100, half_up(100 * len(inside), len(running))))
    rows.append(row)

with open(os.path.join(HERE, 'product-webinar.csv'), 'w', encoding='utf-8', newline='') as file:
    writer = csv.DictWriter(file, rows[0].keys(), lineterminator='\n')
    writer.writeheader()
    writer.writerows(sorted(rows, key=lambda row: row['email']))
