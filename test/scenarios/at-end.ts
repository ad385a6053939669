import type { TestContext } from 'node:test'

const stacks = new WeakMap<TestContext, AsyncDisposableStack>()

/** Does this when the test has ended, whatever its outcome; in the opposite order of the calls, and all of it even when some of it fails. */
export const atEnd = (context: TestContext, end: () => void | Promise<void>): void => {
  const stack = stacks.get(context) ?? new AsyncDisposableStack()
  if (!stacks.has(context)) {
    stacks.set(context, stack)
    context.after(() => stack.disposeAsync())
  }
  stack.defer(end)
}
