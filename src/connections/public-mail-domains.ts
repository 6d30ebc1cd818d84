// The large public mailbox providers. The list need not be complete: it catches mistakes. The operator verifies that a
// domain belongs to the organization.
const domains: ReadonlySet<string> = new Set(
  `gmail.com googlemail.com outlook.com outlook.fr outlook.de outlook.es outlook.jp hotmail.com hotmail.co.uk hotmail.fr
  hotmail.de hotmail.it hotmail.es live.com live.co.uk live.fr live.nl msn.com passport.com yahoo.com yahoo.co.uk
  yahoo.co.in yahoo.co.jp yahoo.fr yahoo.de yahoo.it yahoo.es yahoo.ca yahoo.com.br yahoo.com.au ymail.com rocketmail.com
  aol.com aim.com icloud.com me.com mac.com proton.me protonmail.com protonmail.ch pm.me tutanota.com tutanota.de tuta.io
  tuta.com gmx.com gmx.de gmx.net gmx.at gmx.ch gmx.fr web.de freenet.de t-online.de mail.com email.com usa.com zoho.com
  zohomail.com fastmail.com fastmail.fm hey.com duck.com hushmail.com mailbox.org posteo.de posteo.net runbox.com
  disroot.org riseup.net mail.ru bk.ru inbox.ru list.ru internet.ru yandex.ru yandex.com ya.ru rambler.ru ukr.net qq.com
  foxmail.com 163.com 126.com yeah.net sina.com sina.cn sohu.com aliyun.com 139.com naver.com hanmail.net daum.net
  nate.com rediffmail.com orange.fr wanadoo.fr free.fr laposte.net sfr.fr libero.it virgilio.it alice.it tiscali.it
  tin.it wp.pl o2.pl onet.pl interia.pl seznam.cz centrum.cz bol.com.br uol.com.br terra.com.br btinternet.com
  virginmedia.com sky.com talktalk.net comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net
  earthlink.net shaw.ca rogers.com bigpond.com optusnet.com.au telenet.be skynet.be ziggo.nl kpnmail.nl bluewin.ch
  mailinator.com guerrillamail.com yopmail.com 10minutemail.com temp-mail.org trashmail.com`.split(/\s+/),
);

/**
 * Whether addresses in this domain are available to the public, as in `gmail.com`. Such a domain can never be a verified
 * domain: its users do not belong to one organization.
 *
 * @param domain lower-case, in IDNA form
 */
export function isPublicMailDomain(domain: string): boolean {
  return domains.has(domain);
}
