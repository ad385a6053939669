/** How long what can be replayed is kept. */
export const replayWindow = {
  days: 90,
  reason: 'a mapping found wrong at the end of a quarter can still be corrected by a replay',
}
