import type { IdentityClaim, Webinar } from '../../schemas/generated.ts'
import type { MemoryFault } from '../../services/delivery/memory-wire.ts'
import type { Command, Setup } from './commands.ts'
import { type Deed, type Process, processes, replayable, type Step } from './deeds.ts'
import {
  beginning,
  closingWebinar,
  emailAlias,
  ended,
  joined,
  left,
  type Name,
  names,
  type Place,
  planned,
  type Run,
  registration,
  reported,
  type Session,
  settled,
  started,
  tickMs,
} from './happenings.ts'

const groups = ['identity-resolver', ...replayable, 'hubspot', 'hubspot-marketing', 'hubspot-events', 'salesforce']
const addresses = ['work', 'home'] as const

/** What comes of the commands: a pure function, so that a shrunk list of commands is a history too. */
export const historyOf = (setup: Setup, commands: readonly Command[]): readonly Step[] => {
  const world = new World(setup)
  for (const command of commands) world.take(command)
  return world.end()
}

const faults: readonly { readonly fault: MemoryFault; readonly say: string }[] = [
  { fault: 'reset-after-apply', say: 'does what it is asked, and the answer is lost' },
  { fault: 'reset', say: 'gives no answer' },
  { fault: { limitedForMs: 2_000 }, say: 'answers 429' },
  { fault: 'needs-person', say: 'refuses the token' },
]
const requests = ['send', 'put', 'look-up'] as const

class World {
  readonly #setup: Setup
  readonly #steps: Step[] = []
  readonly #late: { readonly due: number; readonly say: string; readonly event: Webinar }[] = []
  readonly #told: { readonly say: string; readonly event: Webinar }[] = []
  readonly #runs: Run[] = []
  readonly #registered = new Set<string>()
  readonly #erased = new Set<Name>()
  readonly #down = new Set<Process>()
  readonly #ways = new Set<string>()
  #hasMeddled = false
  #sessions = 0
  #tick = 0

  constructor(setup: Setup) {
    this.#setup = setup
    const webinars = Array.from({ length: setup.webinars }, (_, index) => planned(index + 1))
    this.#push('the webinars are planned', { do: 'tell', events: webinars }, 0)
  }

  get #now(): number {
    return beginning + this.#tick * tickMs
  }

  take(command: Command): void {
    this.#tick += 1
    this.#does[command.what](command)
    for (const late of this.#late.filter(({ due }) => due <= this.#tick)) {
      this.#late.splice(this.#late.indexOf(late), 1)
      this.#tell(late.say, [late.event], 0)
    }
  }

  end(): readonly Step[] {
    for (const { say, event } of this.#late.splice(0)) this.#tell(say, [event], 0)
    for (const process of this.#down) this.#push(`the ${process} start again`, { do: 'start', process }, 0)
    if (this.#hasMeddled) this.#close()
    return this.#steps
  }

  readonly #does: Readonly<Record<Command['what'], (command: Command) => void>> = {
    registers: command => {
      const { name, place } = this.#way(command)
      const webinar = this.#webinar(command)
      const company = ['Acme', 'Globex', ''][command.choice % 3] ?? ''
      this.#registered.add(`${name} ${place} ${webinar}`)
      const says = company === '' ? '' : ` as one of ${company}`
      this.#happens(
        `${name} registers for webinar ${webinar} from ${place}${says}`,
        registration('REGISTERED', { name, place, company }, webinar, this.#now),
        command,
      )
    },
    cancels: command => this.#changesRegistration('CANCELLED', 'cancels', command),
    approves: command => this.#changesRegistration('APPROVED', 'is approved for', command),
    starts: command => {
      const webinar = this.#webinar(command)
      if (this.#runs.some(run => run.webinar === webinar && run.endedAt === null)) return
      const id = `run-${webinar}-${this.#runs.length + 1}`
      const run: Run = { id, webinar, startedAt: this.#now, endedAt: null, settled: false, sessions: [] }
      this.#runs.push(run)
      this.#happens(`webinar ${webinar} starts`, started(run), command)
    },
    joins: command => {
      const run = pick(
        this.#runs.filter(each => each.endedAt === null),
        command.webinar,
      )
      if (!run) return
      const { name, place } = this.#way(command)
      const byLink = this.#registered.has(`${name} ${place} ${run.webinar}`) && command.choice % 2 === 0
      const id = `session-${++this.#sessions}`
      const session: Session = {
        id,
        way: { name, place, byLink },
        joinedAt: this.#now,
        leftAt: null,
        isReported: false,
      }
      run.sessions.push(session)
      this.#ways.add(`${name} ${place}`)
      const how = byLink ? `by the link of ${place}` : `signed in from ${place}`
      const say = `${name} joins webinar ${run.webinar} ${how}`
      if (command.choice === 7) this.#push(`${say}, and nobody tells`, { do: 'wait' }, command.turns)
      else this.#happens(say, joined(run, session), command)
    },
    leaves: command => {
      const open = this.#runs.flatMap(run =>
        run.sessions.flatMap(session => (run.endedAt === null && session.leftAt === null ? [{ run, session }] : [])),
      )
      const chosen = pick(open, command.who)
      if (!chosen) return
      const { run, session } = chosen
      session.leftAt = this.#now
      const say = `${session.way.name} (${session.id}) leaves webinar ${run.webinar}`
      if (command.choice === 7) this.#push(`${say}, and nobody tells`, { do: 'wait' }, command.turns)
      else this.#happens(say, left(run, session), command)
    },
    ends: command => {
      const run = pick(
        this.#runs.filter(each => each.endedAt === null),
        command.webinar,
      )
      if (!run) return
      run.endedAt = this.#now
      for (const session of run.sessions) session.leftAt ??= this.#now
      this.#happens(`webinar ${run.webinar} ends`, ended(run, this.#now), command)
    },
    reports: command => {
      const run = pick(
        this.#runs.filter(each => each.endedAt !== null),
        command.webinar,
      )
      if (!run) return
      for (const session of run.sessions.filter(each => !each.isReported)) {
        session.isReported = true
        const say = `the report has ${session.way.name} (${session.id}) in webinar ${run.webinar}`
        this.#happens(say, reported(run, session), {
          ...command,
          turns: 0,
          late: command.choice % 2 ? command.late : 0,
        })
      }
      this.#happens(`the report of webinar ${run.webinar} was read`, settled(run, this.#now, true), command)
    },
    'gives-up': command => {
      const run = pick(
        this.#runs.filter(each => each.endedAt !== null),
        command.webinar,
      )
      if (run) this.#happens(`webinar ${run.webinar} never gets a report`, settled(run, this.#now, false), command)
    },
    repeats: command => {
      const told = pick(this.#told, command.who * 8 + command.other)
      if (told) this.#push(`again: ${told.say}`, { do: 'tell', events: [told.event] }, command.turns)
    },
    same: command => {
      const [a, b] = [this.#way(command), this.#way({ who: command.other, choice: command.choice >> 1 })]
      if (a.name === b.name && a.place === b.place) return
      const say = `${a.name} of ${a.place} turns out to be ${b.name} of ${b.place}`
      this.#push(say, { do: 'claim', claim: this.#claim('MERGE', a, b) }, command.turns)
    },
    apart: command => {
      const [a, b] = [this.#way(command), this.#way({ who: command.other, choice: command.choice >> 1 })]
      if (a.name === b.name && a.place === b.place) return
      const say = `an operator tells ${a.name} of ${a.place} and ${b.name} of ${b.place} apart`
      this.#push(say, { do: 'claim', claim: this.#claim('APART', a, b) }, command.turns)
    },
    erases: command => {
      const { name, place } = this.#way(command)
      this.#erased.add(name)
      const deed = { do: 'erase', alias: emailAlias(name, place), at: this.#now } as const
      this.#push(`${name} of ${place} is erased`, deed, command.turns)
    },
    lifts: command => {
      const name = pick([...this.#erased], command.who)
      if (!name) return
      const isSudden = command.choice % 2 === 1
      const say = `the erasure of ${name} is lifted${isSudden ? ' before all know of it' : ''}`
      this.#push(say, { do: 'lift', name, at: this.#now, isSudden }, command.turns)
    },
    kills: command => {
      const process = this.#process(command)
      this.#push(`the ${process} are killed and start again`, { do: 'kill', process }, command.turns)
      this.#push(`the ${process} are back`, { do: 'start', process }, 0)
      this.#down.delete(process)
    },
    stops: command => {
      const process = this.#process(command)
      const how = command.choice % 4 < 2 ? ('kill' as const) : ('stop' as const)
      this.#down.add(process)
      const say = how === 'kill' ? `the ${process} are killed` : `the ${process} stop`
      this.#push(say, { do: how, process }, command.turns)
    },
    restarts: command => {
      const process = pick([...this.#down], command.choice) ?? this.#process(command)
      if (!this.#down.delete(process)) this.#push(`the ${process} stop`, { do: 'stop', process }, 0)
      this.#push(`the ${process} start again`, { do: 'start', process }, command.turns)
    },
    fails: command => {
      const vendor = command.who % 3 === 2 ? 'salesforce' : 'hubspot'
      const { fault, say } = faults[command.choice % faults.length] ?? { fault: 'reset', say: '' }
      const request = requests[command.other % 3] ?? 'send'
      this.#push(`${vendor}, next ${request}: ${say}`, { do: 'fail', vendor, fault, request }, command.turns)
    },
    'loses-commit': command => {
      const group = groups[command.who % groups.length] ?? ''
      const how = command.choice % 2 === 0 ? ('aborted' as const) : ('unanswered' as const)
      this.#push(`the next commit of ${group} is ${how}`, { do: 'lose-commit', group, how }, command.turns)
    },
    'merges-contacts': command => {
      if (!this.#setup.meddles) return
      const [from, into] = [this.#way(command), this.#way({ who: command.other, choice: command.choice >> 1 })]
      if (from.name === into.name && from.place === into.place) return
      const say = `somebody merges the contact of ${from.name} of ${from.place} into that of ${into.name} of ${into.place}`
      const deed = { from: addressOf(from), into: addressOf(into) }
      this.#hasMeddled = true
      this.#push(say, { do: 'merge-contacts', ...deed }, command.turns)
    },
    'deletes-contact': command => {
      if (!this.#setup.meddles) return
      const way = this.#way(command)
      const say = `somebody deletes the contact of ${way.name} of ${way.place}`
      this.#hasMeddled = true
      this.#push(say, { do: 'delete-contact', address: addressOf(way) }, command.turns)
    },
    replays: command => {
      const consumer = replayable[command.choice % replayable.length] ?? ''
      this.#push(`${consumer} is replayed`, { do: 'replay', consumer }, command.turns)
    },
    waits: command => this.#push('time passes', { do: 'wait' }, command.turns * 3),
  }

  /** A vendor tells nobody what its users do to contacts: a sink learns it from the answer to its next write. */
  #close(): void {
    this.#tick += 1
    this.#push('everything settles', { do: 'settle' }, 0)
    for (const way of this.#ways) {
      const [name, place] = way.split(' ') as [Name, Place]
      const event = registration('REGISTERED', { name, place, company: '' }, closingWebinar, this.#now)
      this.#tell(`${name} registers for the closing webinar from ${place}`, [event], 0)
    }
  }

  #changesRegistration(kind: 'CANCELLED' | 'APPROVED', verb: string, command: Command): void {
    const known = pick([...this.#registered], command.who * 8 + command.other)?.split(' ')
    if (!known) return
    const [name, place, webinar] = [known[0] as Name, known[1] as Place, Number(known[2])]
    const event = registration(kind, { name, place, company: '' }, webinar, this.#now)
    this.#happens(`${name} ${verb} webinar ${webinar} (${place})`, event, command)
  }

  #happens(say: string, event: Webinar, { late, turns }: Pick<Command, 'late' | 'turns'>): void {
    if (late === 0) this.#tell(say, [event], turns)
    else {
      this.#late.push({ due: this.#tick + late, say: `now told: ${say}`, event })
      this.#push(`${say}, which is told later`, { do: 'wait' }, turns)
    }
  }

  #tell(say: string, events: readonly Webinar[], turns: number): void {
    for (const { registrant } of events)
      if (registrant) this.#ways.add(registrant.email.replace(/@(\w+)\.example$/, ' $1'))
    for (const event of events) this.#told.push({ say: say.replace(/^now told: /, ''), event })
    this.#push(say, { do: 'tell', events }, turns)
  }

  #push(say: string, deed: Deed, turns: number): void {
    this.#steps.push({ say, deed, turns, at: this.#now })
  }

  #claim(kind: 'MERGE' | 'APART', a: Pick<Session['way'], 'name' | 'place'>, b: typeof a): IdentityClaim {
    const aliases = [emailAlias(a.name, a.place), emailAlias(b.name, b.place)]
    return { id: `${kind}:${this.#tick}`, time: this.#now, kind, aliases, attributes: {}, source: 'operator' }
  }

  #way({ who, choice }: Pick<Command, 'who' | 'choice'>): { readonly name: Name; readonly place: Place } {
    return { name: names[who % this.#setup.people] ?? 'ada', place: addresses[(choice >> 1) % 2] ?? 'work' }
  }

  #webinar({ webinar }: Command): number {
    return (webinar % this.#setup.webinars) + 1
  }

  #process({ who }: Command): Process {
    return processes[who % processes.length] ?? 'sinks'
  }
}

const addressOf = ({ name, place }: { readonly name: Name; readonly place: Place }): string =>
  `${name}@${place}.example`

const pick = <Value>(values: readonly Value[], index: number): Value | undefined =>
  values.length === 0 ? undefined : values[index % values.length]
