import type { Store } from './store.ts'

/** Tells the open pages that something changed that is not in the store. */
export interface Notice {
  touch(): void
  stop(): void
}

const NOTICE_PAUSE_MS = 250

/** The pages follow the changes of the store: a few times a second at most, this makes one. */
export const createNotice = (store: Store): Notice => {
  const notices = store.table<{ count: number }>('notice')
  let timer: NodeJS.Timeout | undefined
  return {
    touch: () => {
      timer ??= setTimeout(() => {
        timer = undefined
        notices.set('deliveries', { count: (notices.get('deliveries')?.count ?? 0) + 1 })
      }, NOTICE_PAUSE_MS).unref()
    },
    stop: () => {
      clearTimeout(timer)
      timer = undefined
    },
  }
}
