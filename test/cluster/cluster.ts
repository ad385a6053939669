import type { LinkState } from './link.ts'
import type { Wanted } from './trap.ts'

/**
 * A Kafka of three brokers (replication 3, at least 2 in sync) with its schema registry, whose brokers can be killed, stopped, frozen and cut off. Clients reach
 * each broker through a proxy; the brokers reach each other directly.
 */
export interface TestCluster {
  /** As clients reach them. */
  readonly brokers: readonly string[]
  readonly registryUrl: string
  /** Numbered from 1. */
  readonly nodes: readonly TestNode[]
  /** Holds the next request or answer that fits, at whichever broker. Armed when it resolves. */
  trap(wanted: Wanted): Promise<ClusterTrap>
  /** The broker that leads a partition (topic by its physical name). */
  leaderOf(topic: string, partition: number): Promise<TestNode>
  /** The broker that coordinates a group or a transactional id (physical names). */
  coordinatorOf(kind: 'group' | 'transaction', name: string): Promise<TestNode>
  /** Ends every fault and resolves when all brokers serve and every replica is in sync. */
  heal(): Promise<void>
  stop(): Promise<void>
}

/** What tests do to a broker. Each resolves when it is done. */
export interface TestNode {
  readonly id: number
  /** kill -9. It stays down. */
  kill(): Promise<void>
  /** Ends it in its own time. It stays down. */
  shutDown(): Promise<void>
  /** Starts it after `kill` or `shutDown` and resolves when it serves. */
  start(): Promise<void>
  /** Its disk is full, so that none of its files can grow (RLIMIT_FSIZE, by `prlimit`): it ends. It stays down until it is started, and has room again then. */
  fillDisk(): Promise<void>
  freeze(): Promise<void>
  thaw(): Promise<void>
  /** @param delayMs how long each request and each answer is held back */
  link(state: LinkState, delayMs?: number): Promise<void>
}

export interface ClusterTrap {
  /** Resolves when it holds a frame. */
  sprung(): Promise<void>
  release(): Promise<void>
}
