import type { Seat } from './seat.ts'

/** The partition numbers that belong to one member of a group. */
export class Seats {
  private readonly make: (partition: number, after: Promise<void>) => Seat
  private readonly seats = new Map<number, Seat>()
  /** By partition: when its former task is closed. */
  private readonly closing = new Map<number, Promise<void>>()

  /** @param make seats someone once the former task of the partition is closed */
  constructor(make: (partition: number, after: Promise<void>) => Seat) {
    this.make = make
  }

  /** Gives up the partitions that are another member's now, keeps those that stay, and opens the new ones. */
  settle(assigned: ReadonlySet<number>): void {
    for (const [partition, seat] of this.seats) {
      if (assigned.has(partition)) continue
      this.seats.delete(partition)
      this.closing.set(partition, seat.revoke())
    }
    for (const partition of assigned) {
      if (this.seats.has(partition)) continue
      this.seats.set(partition, this.make(partition, this.closing.get(partition) ?? Promise.resolve()))
    }
  }

  /** Every partition number given to this member. */
  claimed(): readonly number[] {
    return [...this.seats.keys()]
  }

  /** Those whose tasks are open. */
  open(): readonly number[] {
    return [...this.seats.values()]
      .filter(seat => seat.isOpen)
      .map(seat => seat.partition)
      .sort((a, b) => a - b)
  }

  get areOpen(): boolean {
    return [...this.seats.values()].every(seat => seat.isOpen)
  }

  get areIdle(): boolean {
    return [...this.seats.values()].every(seat => seat.isIdle)
  }

  /** Finishes what the tasks have taken and closes them. */
  async drain(): Promise<void> {
    await Promise.all([...this.seats.values()].map(seat => seat.drain()))
    await Promise.all(this.closing.values())
  }

  /** Closes the tasks without another commit. */
  async revoke(): Promise<void> {
    await Promise.all([...this.seats.values()].map(seat => seat.revoke()))
    await Promise.all(this.closing.values())
  }
}
