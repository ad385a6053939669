// A member of a relay as a process of its own (relay-process.ts), which can be killed and frozen. It ends with the one that started it.
import { once } from 'node:events'
import { connectKafka } from '../../services/kafka/connect.ts'
import { systemClock } from '../../services/runtime/clock.ts'
import { silentLogger } from '../../services/runtime/log.ts'
import type { RelayOptions } from './relay.ts'
import { joinRelay } from './relay-task.ts'

process.once('disconnect', () => process.exit(1))
const [options] = (await once(process, 'message')) as [RelayOptions]
const kafka = connectKafka({ ...options, clientId: 'relay', logger: silentLogger, clock: systemClock })
await joinRelay(kafka, code => process.send?.({ failed: code }))
process.send?.({ joined: true })
