import type { Clock } from '../../../runtime/clock.ts'

/** What was done to the task of a key. `perhaps`: one may have been made, no answer came. */
export type Recent = { readonly kind: 'perhaps' } | { readonly kind: 'made' | 'deleted'; readonly id: string }

/** What was written here, for as long as HubSpot may not show it. */
export class RecentTasks {
  readonly #clock: Clock
  readonly #keptMs: number
  readonly #recent = new Map<string, Recent & { readonly at: number }>()

  constructor(clock: Clock, keptMs: number) {
    this.#clock = clock
    this.#keptMs = keptMs
  }

  get(key: string): (Recent & { readonly at: number }) | undefined {
    this.#forgetOld()
    return this.#recent.get(key)
  }

  note(key: string, recent: Recent): void {
    this.#forgetOld()
    this.#recent.delete(key)
    this.#recent.set(key, { ...recent, at: this.#clock.now() })
  }

  /** It did not come to that, or is so no more. */
  forget(key: string): void {
    this.#recent.delete(key)
  }

  /** The oldest comes first. */
  #forgetOld(): void {
    const now = this.#clock.now()
    for (const [key, { at }] of this.#recent) {
      if (now - at < this.#keptMs) return
      this.#recent.delete(key)
    }
  }
}
