/*
 * What mail systems say in their letters, in lower case.  No table of
 * systems: these words are shared by nearly all of them, and the next one
 * will use them too.
 */
#include "base/base.h"
#include "base/text.h"
#include "inspect/bounce/bounce.h"

/* What begins the returned message, at the start of a line behind
 * "-=*_| ". */
static const char *const copies[] = {"below this line is a copy",
    "this is a copy of", "message headers follow", "original message follows",
    "the header of the original message", "original message header",
    "original message", "message header follows", "unsent message follows",
    "unsent message below", "returned message", "header of the",
    "headers of the original", "message headers:", "returned mail",
    "copy of the message", "the original message follows",
    "the original message is", "the original message:", "original mail",
    "a copy of the original", "start of message", "undeliverable message",
    "message text follows", "the body of the message",
    "from mailer-daemon", "received: from", "received: by", "received:from",
    "received: (", "return-path:", "dkim-signature:", "x-originating-ip:",
    "mime-version:", "message header", "failed message", "rejected message",
    "included is a copy", "original headers", "unsent message",
    "x-mailer:", "content of the message", "original-nachricht",
    "urspr\303\274ngliche nachricht", "message d'origine",
    "message original", "mensaje original", "messaggio originale",
    "oorspronkelijk bericht",
    /* original message */
    "\345\205\203\343\201\256\343\203\241\343\203\274\343\203\253"};

/* Sentences of failure. */
static const char *const failures[] = {"could not be delivered",
    "couldn't be delivered", "cannot be delivered", "can't be delivered",
    "unable to deliver", "not able to deliver", "was not delivered",
    "not delivered to", "delivery failure", "delivery failed",
    "delivery to the following", "delivery has failed", "undeliverable",
    "undelivered", "permanent error", "permanent fatal error",
    "permanently rejected", "permanent failure", "returned mail",
    "error delivering", "failed to deliver", "failed delivery",
    "did not reach", "wasn't able to deliver", "were unable to deliver",
    "had delivery problems", "delivery problem", "error occurred while",
    "rejected your message", "message was rejected", "has been rejected",
    "automatically rejected", "mail delivery", "user unknown",
    "unknown user", "mailbox is full", "mailbox full", "no such user",
    "not listed in", "does not exist", "delivery status", "failure notice",
    "delivery report", "not be delivered", "returned to sender",
    "has been returned", "delivery attempt", "delayed mail",
    "delivery is delayed", "delivery has been delayed",
    "delivery of your message", "not yet been delivered",
    "is still being retried", "non-delivered", "permanent delivery error",
    "transcript of session follows", "duplicated message-id", "mail loop",
    "no valid recipients", "failed recipient", "recipients failed",
    "couldn't deliver", "could not deliver", "cannot deliver",
    "wasn't delivered", "isn't a valid address", "address not found",
    "message not delivered", "message blocked", "message rejected",
    "delivery incomplete", "over quota", "exceeded quota", "quota exceeded",
    /* German */
    "nicht zugestellt", "unzustellbar", "nicht zustellen", "konnte nicht",
    "konnten nicht", "fehler bei der zustellung", "zustellung verz",
    "postfach ist voll", "postfach voll", "empf\303\244nger unbekannt",
    /* French */
    "non remis", "n'a pas pu \303\252tre", "n'a pas pu etre",
    "n'ont pas pu \303\252tre", "n'a pas \303\251t\303\251 remis",
    "\303\251chec de la remise", "remise du message", "est pleine",
    "destinataire inconnu",
    /* Spanish, Portuguese, Italian, Dutch, Polish */
    "no se ha podido", "no se pudo entregar", "no se puede entregar",
    "n\303\243o p\303\264de ser entregue", "n\303\243o foi entregue",
    "impossibile recapitare", "non \303\250 stato possibile",
    "mancato recapito", "niet bezorgd", "niet worden bezorgd",
    "niet worden afgeleverd", "nie mo\305\274na dostarczy\304\207",
    "nie zosta\305\202a dostarczona",
    /* Japanese: delivery could not, sending could not, was not delivered,
     * a delivery error */
    "\351\205\215\344\277\241\343\201\247\343\201\215",
    "\351\200\201\344\277\241\343\201\247\343\201\215",
    "\351\205\215\344\277\241\343\201\225\343\202\214\343\201\276\343\201\233"
    "\343\202\223",
    "\351\205\215\344\277\241\343\202\250\343\203\251\343\203\274",
    "\351\205\215\351\200\201\343\201\247\343\201\215",
    /* Chinese: cannot be delivered, returned, not delivered */
    "\346\227\240\346\263\225\346\212\225\351\200\222",
    "\351\200\200\344\277\241",
    "\346\227\240\346\263\225\345\217\221\351\200\201",
    /* Russian: not delivered, could not be delivered */
    "\320\275\320\265 \320\264\320\276\321\201\321\202\320\260\320\262\320"
    "\273\320\265\320\275",
    "\320\275\320\265\320\262\320\276\320\267\320\274\320\276\320\266\320"
    "\275\320\276 \320\264\320\276\321\201\321\202\320\260\320\262\320\270"
    "\321\202\321\214",
    /* more of Exchange's languages, and others; without a first letter of
     * another script, which may be a capital */
    "wurde verzögert", "zustellung fehlgeschlagen", "wurde abgelehnt",
    "zurückgewiesen", "la remise a échoué", "échec de remise",
    "n'a pu être remis", "n’a pas pu être", "n'a pas été distribu",
    "recapito non riuscito", "non recapitabile", "consegna non riuscita",
    "non può essere consegnat", "non è stato recapitat",
    "error en la entrega", "error de entrega", "no se entregó",
    "entrega a estos destinatarios", "entrega a los siguientes",
    "no pudo ser entregad", "no fue entregad", "falha na entrega",
    "falha ao entregar", "não pôde ser entregue", "não pode ser entregue",
    "entrega para estes destinatários", "entrega a estes destinatários",
    "bezorging aan", "kan niet worden bezorgd", "kon niet worden",
    "is mislukt", "dostarczanie do", "dostarczenie do", "nie powiodło się",
    "nie można było dostarczyć", "nie została dostarczon",
    "levering til", "kunne ikke leveres", "kan ikke leveres",
    "leverans till", "kunde inte levereras", "levererades inte",
    "toimitus ep", "ei voitu toimittaa", "doručení selhalo",
    "nebylo možné doručit", "nelze doručit", "nepodarilo doruč",
    "kézbesítés", "nem sikerült", "teslim edilemedi", "teslimat başarısız",
    "livrarea către", "nu a putut fi livrat", "бой доставки",
    "е удалось доставить", "е удается доставить", "е удаётся доставить",
    "е может быть доставлен", "едоставлен", "очтовый ящик переполнен",
    "ользователь не найден", "е вдалося доставити",
    "η παράδοση", "未能送达", "无法送达", "传递失败", "投递失败", "发送失败",
    "无法传递", "無法傳遞", "無法傳送", "以下收件人", "邮件被退回",
    "配信に失敗", "配信不能", "送信に失敗", "届けることができません",
    "配達できません", "届きませんでした", "배달하지 못", "전송되지 못",
    "전달되지 못", "배달에 실패", "보낼 수 없",
    "보내지 못", "발송 실패", "발송실패", "전송 실패", "전송실패",
    /* of gates and small servers */
    "delivery error", "could not be sent", "couldn't be sent",
    "cannot be sent", "was not sent", "could not be reached",
    "invalid final delivery", "unknown host:", "local user not found",
    "no such local user", "user not found", "exceeds allowed size",
    "message non-deliverable", "unable to relay", "has failed delivery",
    "whilst processing mail", "failure reasons", "delivery of the email was stopped",
    "banned contents", "message a été bloqué", "message a été rejeté",
    "n'a pas pu être délivré", "mancata consegna", "rilevato un errore",
    "messaggio è stato rifiutat", "mensaje fue rechazad",
    "mensagem foi rejeitad", "bericht is geweigerd",
    "ообщение было отклонен", "エラーのため", "お届けでき",
    "was undeliverable", "not reached", "has stopped the following",
    "blocked the following", "nicht erreicht", "nicht bei allen",
    "nicht angekommen", "nicht ausgeliefert", "nicht übermittel",
    "n'a pas pu parvenir", "n'est pas parvenu", "n’est pas parvenu",
    "n'a pu parvenir", "n'a pas été remis", "no ha llegado",
    "no llegó a", "no ha podido", "non ha raggiunto", "non consegnat",
    "não chegou", "niet aangekomen", "niet bereikt", "nie dotarł",
    "nie mógł zostać", "nie mogła zostać", "nepodařilo", "nedoruč",
    "nem érkezett meg", "nem kézbesíthető", "inte nå", "nådde inte",
    "nåede ikke", "ikke leveret", "ikke levert", "ei mennyt perille",
    "ulaştırılamadı", "iletilemedi", "nu a ajuns", "nije isporučen",
    "ne može isporučiti", "е дошло до",
    "е может быть отправлен", "ийти не може", "е було доставлено",
    "未送达", "未能送到", "没有送达", "退回", "届きません",
    "送ることができません", "お送りすることができません"};

/* The system has not given up. */
static const char *const waits[] = {"will be retried", "still being retried",
    "will retry",
    "warning only", "will keep trying", "will continue to",
    "delivery attempts will continue", "has been delayed", "is delayed",
    "delayed mail", "been delivered yet", "not yet been delivered",
    "delivery delayed", "could not be delivered yet",
    "do not need to resend", "do not resend", "will try again",
    "continue trying", "noch nicht zugestellt", "weiterhin versuch",
    "versuche werden fortgesetzt", "verz\303\266ger",
    "retard\303\251", "pas encore \303\251t\303\251 remis",
    "pas encore pu", "non encore distribu", "non encore remis",
    "continuer d'essayer", "continuer à essayer", "seguirá intent",
    "seguiremos intent", "aún no se ha podido", "todavía no se ha podido",
    "non è stato ancora", "nog niet worden", "ainda não foi entregue",
    "se ha retrasado", "in ritardo", "está retrasad", "foi adiad",
    "está atrasad", "vertraagd", "zostało opóźnion", "została opóźnion",
    "opóźnien", "er forsinket", "är försenad", "har försenats", "viivästy",
    "zpožděn", "późniejszym", "gecikti", "késik", "адержан", "тложен",
    "адержк", "еще не доставлен", "ещё не доставлен", "推迟", "延迟", "延遲",
    "지연", "wird weiterhin", "seguirá intentando", "continuerà a",
    "continuera à", "continuará", "probeert de komende",
    /* is delayed */
    "\351\201\205\345\273\266"};

/* It has, but the cause may pass. */
static const char *const passing[] = {"temporary failure", "temporarily",
    "greylist", "graylist", "deferred:", "temporary error",
    "temporary problem", "temporary local",
    "try again later", "delivery temporarily suspended",
    "connection timed out", "connection refused", "no route to host",
    "operation timed out", "connection to mail exchanger failed",
    "retry timeout exceeded"};

static const char *const permanent[] = {"permanent error",
    "permanent fatal", "permanent failure", "giving up", "given up"};

/* When no code says it (RFC 3463). */
static const struct {
	const char *words, *status;
} causes[] = {
    {"retry timeout exceeded", "4.4.7"},
    {"user unknown", "5.1.1"}, {"unknown user", "5.1.1"},
    {"user is unknown", "5.1.1"}, {"user not found", "5.1.1"},
    {"no such local", "5.1.1"}, {"invalid recipient", "5.1.1"},
    {"no such recipient", "5.1.1"}, {"recipient unknown", "5.1.1"},
    {"recipient not found", "5.1.1"}, {"final delivery userid", "5.1.1"},
    {"been suspended", "5.2.1"}, {"account suspended", "5.2.1"},
    {"is suspended", "5.2.1"}, {"is inactive", "5.2.1"},
    {"no longer active", "5.2.1"},
    {"exceeds allowed size", "5.2.2"}, {"exceeded the local", "5.2.2"},
    {"no such user", "5.1.1"}, {"unknown recipient", "5.1.1"},
    {"no such mailbox", "5.1.1"}, {"address not found", "5.1.1"},
    {"unbekannter empf", "5.1.1"}, {"empf\303\244nger unbekannt", "5.1.1"},
    {"destinataire inconnu", "5.1.1"},
    {"not listed in", "5.1.1"}, {"host unknown", "5.1.2"},
    {"unknown host", "5.1.2"}, {"unrouteable", "5.1.2"},
    {"mailbox disabled", "5.2.1"}, {"account disabled", "5.2.1"},
    {"mailbox is full", "5.2.2"}, {"mailbox full", "5.2.2"},
    {"over quota", "5.2.2"}, {"quota exceeded", "5.2.2"},
    {"exceeded quota", "5.2.2"}, {"exceeded storage", "5.2.2"},
    {"postfach ist voll", "5.2.2"}, {"postfach voll", "5.2.2"},
    {"est pleine", "5.2.2"}, {"casella piena", "5.2.2"},
    {"casella di posta è piena", "5.2.2"}, {"buzón lleno", "5.2.2"},
    {"buzón está lleno", "5.2.2"}, {"caixa de correio está cheia", "5.2.2"},
    {"caixa cheia", "5.2.2"}, {"mailbox is vol", "5.2.2"},
    {"postvak is vol", "5.2.2"}, {"skrzynka jest pełna", "5.2.2"},
    {"skrzynka pocztowa", "5.2.2"}, {"ящик переполнен", "5.2.2"},
    {"邮箱已满", "5.2.2"}, {"空间不足", "5.2.2"}, {"容量超過", "5.2.2"},
    {"usuario desconocido", "5.1.1"}, {"usuario no existe", "5.1.1"},
    {"utente sconosciuto", "5.1.1"}, {"utente inesistente", "5.1.1"},
    {"utilisateur inconnu", "5.1.1"}, {"adresse inconnue", "5.1.1"},
    {"gibt es nicht", "5.1.1"}, {"existiert nicht", "5.1.1"},
    {"n'existe pas", "5.1.1"}, {"no existe", "5.1.1"},
    {"não existe", "5.1.1"}, {"non esiste", "5.1.1"},
    {"bestaat niet", "5.1.1"}, {"nie istnieje", "5.1.1"},
    {"neexistuje", "5.1.1"}, {"не существует", "5.1.1"},
    {"не найден", "5.1.1"}, {"не існує", "5.1.1"}, {"用户不存在", "5.1.1"},
    {"不存在", "5.1.1"}, {"does not exist", "5.1.1"},
    {"is disabled", "5.2.1"},
    {"couldn't be found", "5.1.1"}, {"wasn't found", "5.1.1"},
    {"inexist", "5.1.1"}, {"inesistent", "5.1.1"}, {"steht nicht im", "5.1.1"},
    {"nicht aufgef", "5.1.1"}, {"nicht bekannt", "5.1.1"},
    {"ist unbekannt", "5.1.1"}, {"est inconnu", "5.1.1"},
    {"es desconocid", "5.1.1"}, {"sconosciut", "5.1.1"},
    {"desconhecid", "5.1.1"}, {"is onbekend", "5.1.1"},
    {"onbekende gebruiker", "5.1.1"}, {"nieznany", "5.1.1"},
    {"neznám", "5.1.1"}, {"okänd", "5.1.1"}, {"ukendt", "5.1.1"},
    {"ukjent", "5.1.1"}, {"finns inte", "5.1.1"}, {"findes ikke", "5.1.1"},
    {"finnes ikke", "5.1.1"}, {"ei löydy", "5.1.1"}, {"tuntematon", "5.1.1"},
    {"ismeretlen", "5.1.1"}, {"nem létez", "5.1.1"},
    {"bulunamad", "5.1.1"}, {"mevcut değil", "5.1.1"}, {"nu există", "5.1.1"},
    {"ne postoji", "5.1.1"}, {"не знайден", "5.1.1"}, {"не сущест", "5.1.1"},
    {"неизвест", "5.1.1"}, {"見つかりません", "5.1.1"}, {"存在しま", "5.1.1"},
    {"존재하지 않", "5.1.1"}, {"없는 메일", "5.1.1"}, {"없는 주소", "5.1.1"},
    {"找不到", "5.1.1"}, {"未找到", "5.1.1"},
    {"spazio disponibile", "5.2.2"}, {"casella è piena", "5.2.2"},
    {"casella piena", "5.2.2"}, {"quota superat", "5.2.2"},
    {"quota dépassé", "5.2.2"}, {"boîte pleine", "5.2.2"},
    {"cuota excedid", "5.2.2"}, {"cuota de disco", "5.2.2"},
    {"buzón de correo lleno", "5.2.2"}, {"está llena", "5.2.2"},
    {"cota excedid", "5.2.2"}, {"speicherplatz", "5.2.2"},
    {"kontingent überschritten", "5.2.2"}, {"postvak vol", "5.2.2"},
    {"mailbox vol", "5.2.2"}, {"je plná", "5.2.2"}, {"przepełnion", "5.2.2"},
    {"är full", "5.2.2"}, {"er fuld", "5.2.2"}, {"er full", "5.2.2"},
    {"on täynnä", "5.2.2"}, {"megtelt", "5.2.2"}, {"kotası", "5.2.2"},
    {"este plin", "5.2.2"}, {"ереполнен", "5.2.2"}, {"已满", "5.2.2"},
    {"已滿", "5.2.2"}, {"超出容量", "5.2.2"}, {"空间已满", "5.2.2"},
    {"容量を超", "5.2.2"}, {"いっぱい", "5.2.2"}, {"용량 초과", "5.2.2"},
    {"용량이 초과", "5.2.2"}, {"не зарег", "5.1.1"}, {"не зареє", "5.1.1"},
    {"не същест", "5.1.1"}, {"δεν υπάρχει", "5.1.1"}, {"δεν βρέθηκε", "5.1.1"},
    {"không tồn tại", "5.1.1"}, {"không có hộp thư", "5.1.1"},
    {"tidak ditemukan", "5.1.1"}, {"tidak ada", "5.1.1"},
    {"ne obstaja", "5.1.1"}, {"neegzistuoja", "5.1.1"},
    {"neeksistē", "5.1.1"}, {"ei eksisteeri", "5.1.1"},
    {"לא קיים", "5.1.1"}, {"غير موجود", "5.1.1"}, {"ไม่มีผู้ใช้", "5.1.1"},
    {"ереповнен", "5.2.2"}, {"препълнен", "5.2.2"}, {"γεμάτ", "5.2.2"},
    {"πλήρες", "5.2.2"}, {"hộp thư đầy", "5.2.2"}, {"penuh", "5.2.2"},
    {"מלאה", "5.2.2"}, {"ممتلئ", "5.2.2"}, {"กล่องจดหมายเต็ม", "5.2.2"},
    {"message too large", "5.3.4"},
    {"too many hops", "5.4.6"}, {"mail loop", "5.4.6"},
    {"considered spam", "5.7.1"}, {"blocked by policy", "5.7.1"},
};

bool
bounce_begins_copy(const char *line)
{
	char low[80];
	size_t n = 0;

	line += strspn(line, "-=*_| \t>#~");
	while (n + 1 < sizeof(low) && line[n] != '\0' && line[n] != '\n') {
		low[n] = g_ascii_tolower(line[n]);
		n++;
	}
	low[n] = '\0';
	/* a table of what was in its header, the reason below */
	if (strncmp(low, "original message details", 24) == 0)
		return false;
	for (size_t i = 0; i < COUNT_OF(copies); i++)
		if (*low == *copies[i] &&
		    strncmp(low, copies[i], strlen(copies[i])) == 0)
			return true;
	return false;
}

/* "Your message to ada@example.org was blocked": a sentence that no list can
 * hold, for what stands within it. */
static bool
message_stopped(const char *low)
{
	enum { WITHIN = 120 }; /* bytes */
	static const char *const yours[] = {"your message", "your mail",
	    "your e-mail", "your email"};
	static const char *const verbs[] = {"blocked", "rejected", "refused",
	    "stopped", "returned", "not accepted", "bounced", "quarantined",
	    "not delivered", "not be delivered"};

	for (size_t i = 0; i < COUNT_OF(yours); i++)
		for (const char *p = low; (p = strstr(p, yours[i])) != NULL;
		     p++) {
			char part[WITHIN + 1];

			g_strlcpy(part, p, sizeof(part));
			if (TEXT_HAS_ANY(part, verbs))
				return true;
		}
	return false;
}

bool
bounce_says_failure(const char *low)
{
	return TEXT_HAS_ANY(low, failures) || message_stopped(low);
}

bool
bounce_says_wait(const char *low)
{
	return TEXT_HAS_ANY(low, waits) && bounce_may_last(low);
}

bool
bounce_may_last(const char *low)
{
	return !TEXT_HAS_ANY(low, permanent);
}

const char *
bounce_worded_status(const char *near, const char *all)
{
	if (bounce_says_wait(near) || bounce_says_wait(all))
		return "4.0.0";
	for (size_t i = 0; i < COUNT_OF(causes); i++)
		if (strstr(near, causes[i].words) != NULL)
			return causes[i].status;
	return TEXT_HAS_ANY(near, passing) &&
		!TEXT_HAS_ANY(all, permanent) ?
	    "4.0.0" : "5.0.0";
}
