/** Breaks when the words come in this order, each behind a condition of its own: a fuzzer must keep what reached the former to find the next. */
export const breakAtThirdStep = (input: Buffer): void => {
  const text = input.toString('latin1')
  const first = text.indexOf('first')
  if (first < 0) return
  const second = text.indexOf('second', first)
  if (second < 0) return
  const third = text.indexOf('third', second)
  if (third < 0) return
  if (text.length < third + 8) throw new Error('the third step broke')
}
