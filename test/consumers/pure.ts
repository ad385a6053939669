/** What a pure function must not use, and where it is found. */
const forbidden: readonly (readonly [holder: object, name: string])[] = [
  [Date, 'now'],
  [Math, 'random'],
  [performance, 'now'],
  [crypto, 'randomUUID'],
  [crypto, 'getRandomValues'],
  [globalThis, 'fetch'],
  [globalThis, 'setTimeout'],
  [globalThis, 'setInterval'],
  [globalThis, 'setImmediate'],
  [globalThis, 'queueMicrotask'],
]

/** Runs a function and tells which of clock, chance, timers and network it used; `new Date()` without a time counts as the clock. */
export const outsideOf = <Result>(
  work: () => Result,
): { readonly result: Result; readonly used: readonly string[] } => {
  const used: string[] = []
  const restore = forbidden.map(([holder, name]) => replace(holder, name, original => watched(original, name, used)))
  restore.push(replace(globalThis, 'Date', original => watchedDate(original as DateConstructor, used)))
  try {
    return { result: work(), used }
  } finally {
    for (const undo of restore.reverse()) undo()
  }
}

const replace = (holder: object, name: string, make: (original: unknown) => unknown): (() => void) => {
  const own = Object.getOwnPropertyDescriptor(holder, name)
  const value = make(Reflect.get(holder, name))
  Object.defineProperty(holder, name, { value, configurable: true, writable: true })
  return () => {
    if (own) Object.defineProperty(holder, name, own)
    else Reflect.deleteProperty(holder, name)
  }
}

const watched =
  (original: unknown, name: string, used: string[]) =>
  (...input: unknown[]): unknown => {
    used.push(name)
    return Reflect.apply(original as () => unknown, undefined, input)
  }

const watchedDate = (original: DateConstructor, used: string[]): DateConstructor =>
  new Proxy(original, {
    construct: (target, input) => {
      if (input.length === 0) used.push('new Date()')
      return Reflect.construct(target, input)
    },
  })
