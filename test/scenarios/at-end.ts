/** What can have an end of its own: a test, or a part of it. */
export interface Ending {
  after(end: () => void | Promise<void>): void
}

const stacks = new WeakMap<Ending, AsyncDisposableStack>()

/** Does this when the test has ended, whatever its outcome; in the opposite order of the calls, and all of it even when some of it fails. */
export const atEnd = (context: Ending, end: () => void | Promise<void>): void => {
  const stack = stacks.get(context) ?? new AsyncDisposableStack()
  if (!stacks.has(context)) {
    stacks.set(context, stack)
    context.after(() => stack.disposeAsync())
  }
  stack.defer(end)
}
