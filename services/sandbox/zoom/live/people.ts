import type { Registrant } from '../webhooks.ts'

export type LivePerson = Omit<Registrant, 'id'>

const FIRST_NAMES = (
  'Ada Alma Amir Anouk Aron Bruno Carla Chen Dalia Dario Edda Emil Farah Finn Gia Hugo Ida Ilya Jana Jin ' +
  'Kaito Kira Leo Lina Malik Mina Nils Noa Olga Omar Pia Quinn Rosa Samir Tara Timo Uma Vera Yara Zeno'
).split(' ')
const LAST_NAMES = (
  'Abel Baptiste Castro Demir Eriksen Ferrari Grünwald Haddad Ibáñez Jensen Kowalczyk Lambert Mbeki ' +
  'Nakamura Østby Pham Quiroga Rahman Silva Tuominen Ueda Varga Weber Xu Zamora'
).split(' ')
const COMPANIES = ['Brightwater Analytics', 'Nordwind Logistik', 'Kestrel Robotics', 'Vistula Software', 'Cedar Health']

/** The people of the live webinars: a thousand, always the same, so that state does not grow without end. */
export const PEOPLE: readonly LivePerson[] = LAST_NAMES.flatMap((last_name, row) =>
  FIRST_NAMES.map((first_name, column) => {
    const org = COMPANIES[(row + column) % COMPANIES.length] ?? ''
    return {
      first_name,
      last_name,
      email: `${plain(first_name)}.${plain(last_name)}@${plain(org.split(' ')[0] ?? '')}.live.example.com`,
      address: '',
      city: '',
      country: '',
      zip: '',
      state: '',
      phone: '',
      industry: '',
      org,
      job_title: '',
      purchasing_time_frame: '',
      role_in_purchase_process: '',
      no_of_employees: '',
      comments: '',
      custom_questions: [],
    }
  }),
)

function plain(name: string): string {
  return name
    .toLowerCase()
    .replaceAll('ø', 'o')
    .normalize('NFKD')
    .replaceAll(/[^a-z]/g, '')
}
