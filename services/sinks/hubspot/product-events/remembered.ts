/** Results of a pure function of a text, for the texts asked for lately. */
export const remembering = <Result>(most: number, compute: (text: string) => Result): ((text: string) => Result) => {
  const results = new Map<string, Result>()
  return text => {
    const known = results.get(text)
    if (known !== undefined) return known
    const result = compute(text)
    results.set(text, result)
    if (results.size > most) results.delete(results.keys().next().value ?? '')
    return result
  }
}
