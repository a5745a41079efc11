package language

// A vocabulary is the words by which a language is known: those of its closed
// classes, without accents, none longer than eight letters. letters are
// those that set it apart, if it has any.
type vocabulary struct{ code, words, letters string }

// vocabularies lists what the detector knows of languages in Latin and
// Cyrillic script. That a word stands in several lists is as it should be.
func vocabularies() []vocabulary {
	return append(append(britishIsles(), westEuropean()...), otherEuropean()...)
}

func britishIsles() []vocabulary {
	return []vocabulary{
		{"en", `the of and to in is that it for was on are as with his they at be this have from or had by not but what all were we when
			your can said there an each which she do how their if will up other about out many then them these so some her would make
			like him into has more two see could no than been who its now did get may me my you he i a am us our any only also after
			before because over through where most very just should such while here please thanks thank dear regards kind hi hello
			yes sorry hope know think need want tomorrow today let don't i'm it's meeting attached new one time best people those
			both being does down even much must off own same too under until between during against again further once few
			nor why whom shall might cannot per via within without upon among across since still yet however good morning`, ""},
		{"cy", `y yr yn ac a i o ar mae wedi gan ei eu eich ein chi ni hyn hwn hon bod fod fel ond os neu gyda am at dros drwy trwy
			rhwng heb cyn nid ddim dim mwy pob bydd oes yw ydw ydy dw dwi rwy rwyf rydym rydyn rydych hoffwn diolch cofion annwyl iawn
			bore prynhawn pan lle pwy beth sut pam sydd sy oedd roedd cael gael gwneud wneud mewn hynny honno rhai rhaid gellir gall
			gallwch gallaf byddaf byddwn byddai fydd fyddai bu fu ym yng fy dy fe mi ti nhw hwy chwi ynghylch ynglyn unrhyw unwaith
			eto hefyd nawr rwan yma yna yno heddiw yfory ddoe felly oherwydd achos er ers hyd nes tan dan wrth o'r i'r a'r gan'r hoffech
			hoffem eisiau angen isod uchod da pawb iddo iddi iddynt iddyn arno ohono amdano ganddo gennym gennyf gennych ydych ydyn maent maen
			nad nac na oni onid efallai wnes aeth ddaeth daeth gaf gawn cawn medru medrwch fawr bawb siwr ddo naddo croeso hwyl
			mae'n mae'r ti'n chi'n ni'n nhw'n dwi'n sy'n yw'r wedi'i wedi'u i'w â'r trwy'r drwy'r gyda'r wyt rwyt dydw ata ati ato gallu isio
			cywir dymuniad bynnag mor sawl faint bellach eisoes dyma dyna nos ichi inni imi atoch ataf atom`, "ŵŷ"},
		{"ga", `an na agus is ar ag le do go leis sa san ta bhi nil raibh bheith se si sin seo siad sibh muid me tu ach no mar ar ina
			chun faoi o as idir ata nach gur cen conas cad cathain uair gach aon eile mo bhur mhaith maith raibh beidh bhfuil dom duit
			duinn daoibh againn agat agam leat liom libh orm ort uaim roimh tar gan nios freisin anois inniu amarach slan dia fao faoin
			leis den don on sna trid ionas agaibh acu aige aici iad bhfuair dul deanamh rinne duirt beimid taimid`, ""},
		{"gd", `an na agus is air aig le do gu leis anns ann tha bha chan eil robh bhith e i sin seo iad sibh sinn mi thu ach no mar
			fon bho as eadar gach eile mo ur math bidh dhomh dhut dhuinn againn agad agam leat leam leibh orm ort tapadh leibh madainn
			feasgar slainte gun chaidh rinn thuirt bhios far ciamar carson nuair ged dhan den dha aca aige
			aice oirbh oirnn uile bhon dheth ris ri bhur faodaidh feumaidh`, ""},
	}
}

func westEuropean() []vocabulary {
	return []vocabulary{
		{"fr", `le la les un une des du de et est en que qui dans pour pas sur au aux avec ce ces cette se il elle ils elles nous vous je
			on ne plus par mais ou son sa ses leur leurs notre nos votre vos mon ma mes tout tous toute toutes comme si bien sans sont
			etait ete etre avoir avons avez ont ai as a fait faire peut aussi entre apres avant donc alors deja encore tres
			merci bonjour bonsoir oui non salut demain quand cela ca dont y meme chez sous vers lors afin ainsi selon voici c'est j'ai
			suis sommes etes sera serait peu quel quelle moins jusqu toujours veuillez madame monsieur`, ""},
		{"de", `der die das und ist in zu den von mit sich des auf fur nicht ein eine einen einem einer als auch es an werden aus er hat dass
			sie nach wird bei um am sind noch wie uber so zum zur war haben nur oder aber vor bis mehr durch man dann sein wurde wurden
			ich wir ihr mich mir uns euch ihnen ihre ihren ihrem ihrer unser unsere mein meine kein keine wenn was wer wo hier schon sehr
			kann konnen muss soll gegen vom beim im ins unter zwischen diese dieser dieses danke bitte hallo guten morgen heute ja nein
			hatte waren bin bist seit ohne weil damit dazu jetzt immer wieder sehr geehrte gerne gruss grusse`, "ßä"},
		{"es", `el la los las un una unos unas de del que y en a por con no para es se lo su sus al como mas pero le les ya o este esta
			estos estas fue ha han ser son sin sobre tambien me hasta hay donde quien desde todo todos toda todas nos durante uno
			ni contra otro otra ese esa eso ante e esto mi mis antes algunos que yo tu ti tanto cual muy era estaba estan
			tiene tienen porque cuando gracias hola buenos buenas dias si manana usted ustedes nosotros estoy somos soy puede aqui
			hace saludos favor cada entre segun aunque`, "ñ¿¡"},
		{"it", `il lo la i gli le un uno una di del dello della dei degli delle a al allo alla ai agli alle da dal dalla dai dalle in nel
			nella nei nelle con su sul sulla sui per tra fra e ed che chi non si mi ti ci vi ne se ma o anche come piu sono sei siamo siete
			era erano essere ha ho hanno abbiamo avere stato stata suo sua suoi loro nostro nostra vostro mio mia questo questa questi
			quello quella quando dove perche cosa molto tutto tutti tutte grazie ciao domani gia ancora dopo prima senza
			c'e qui cui ogni poi quindi pero oggi saluti cordiali gentile`, ""},
		{"pt", `o a os as um uma uns umas de do da dos das em no na nos nas por pelo pela pelos pelas para com e que nao se mais como mas foi
			ao aos ele ela eles elas seu sua seus suas ou ser quando muito ja esta estao eu tambem so ate isso isto entre depois
			sem mesmo quem me esse essa este estes voce voces nosso nossa tem era sao sou somos ha foram minha meu teu
			obrigado obrigada bom dia boa ola sim amanha onde porque sobre aqui ainda cada todos todas pode fazer agora hoje`, "ãõ"},
		{"nl", `de het een en van in is dat op te zijn voor met niet aan er om ook als dan maar bij uit door naar heeft hij ze zij wij we
			je jij jullie u ik mij me ons onze hun hen haar zijn wordt worden werd werden was waren had hebben kan kunnen zal zou zullen
			moet moeten nog wel geen of over tot onder tegen deze dit die daar hier waar wat wie hoe dus al veel meer na
			tussen omdat bedankt dank goedemor hallo ja nee morgen vandaag geachte beste groet groeten graag alleen toch weer heb bent ben
			naar zoals zonder sinds alle`, ""},
	}
}

func otherEuropean() []vocabulary {
	return []vocabulary{
		{"pl", `i w z na nie sie do to jest ze o jak ale po co tak za od przez dla czy juz tym jego jej ich tego byl byla bylo byly ma
			tylko lub oraz przy bardzo moze ktory ktora ktore gdy kiedy jestem jesli bo mi mnie nas nam was ja ty on ona my pan pani
			prosze dziekuje dzien dobry czesc dzis jutro tez jeszcze teraz tu tam sa bedzie byc przed pod nad ten ta te
			tej tych jako wszystko dzieki pozdraw u we ze swoj swoje moj moja gdzie dlatego ktorych wiecej`, "łżęąśźćń"},
		{"ro", `si in de la cu pe nu a al ale ai un o care este sunt din mai ca sa se fi fost pentru prin dar sau ce cum cand unde eu tu el
			ea noi voi ei ele ma te il imi iti va le lui lor acest aceasta acesta acestea aceste am are au avea era fara dupa intre
			foarte buna ziua salut da daca despre toate tot doar aici acum inca unei unui unor catre sub peste pana
			dumneav domnule doamna maine astazi pot poate trebuie vreau`, "șțăşţ"},
		{"da", `og i at det er en til af den pa for med der som de ikke et har han om var hun men jeg sig fra du kan skal vil eller man vi hvad
			hvis nar ved over ud efter op ogsa os kun mig dig ham hende dem sin sit sine min mit mine din jer jeres deres vores blev bliver
			blive vaere vaeret havde have her nu ja nej tak hej alle hvor hvem hvordan mange meget mod under uden mellem denne dette disse
			venlig hilsen god morgen dag noget nogle ingen kunne skulle ville igen fordi saa`, "øæ"},
		{"sv", `och i att det som en pa ar av for med den till inte om ett har de jag han hon var vi du sig fran men ni kan ska skall vill eller
			man vad nar vid over ut efter upp ocksa oss bara mig dig honom henne dem sin sitt sina min mitt mina din er era deras var blev blir
			bli vara varit hade ha har nu ja nej tack hej alla hur vem manga mycket mot under utan mellan denna detta dessa
			vanlig halsning god morgon dag nagot nagra ingen kunde skulle ville igen eftersom dar sedan fran`, "åä"},
		{"no", `og i at det er en til av den pa for med som de ikke et har han om var hun men jeg seg fra du kan skal vil eller man vi hva
			hvis nar ved over ut etter opp ogsa oss bare meg deg ham henne dem sin sitt sine min mitt mine din deres vare ble blir
			bli vaere vaert hadde ha her na ja nei takk hei alle hvor hvem hvordan mange mye mot under uten mellom denne dette disse
			vennlig hilsen god morgen dag noe noen ingen kunne skulle ville igjen fordi sa dere ikkje eg ein frå`, "øæ"},
		{"fi", `ja on ei se etta oli en hyva han mutta kun niin ole olla mita joka jos tai kuin voi mina sina me te he tama tassa ovat
			olen olet olemme olette myos kanssa vain sen ne siita sita tata jotka kaikki nyt sitten viela mukaan jo koska
			miten missa milloin minun sinun hanen meidan teidan heidan kiitos hei moi huomenna tanaan paivaa hyvaa ollut
			olisi olivat saa pitaa noin ennen jalkeen vai eli sekä joten ettei kyllä mukana`, "ä"},
		{"hu", `a az es hogy nem is egy ez meg van volt de csak mar mint ha ki el be le fel vagy mi te en ok azt ezt ami aki amely
			sem kell lehet lesz lett volna vannak nincs igen koszonom kerem tisztelt udvozlet szia jo napot reggelt holnap
			ma most itt ott hol mikor miert hogyan nagyon minden mert akkor utan elott kozott szerint alatt miatt
			nekem neked onnek onok velem valamint illetve pedig tehat maga kedves`, "őű"},
		{"tr", `ve bir bu da de ile icin ne mi mu cok daha gibi kadar ama o ki en ben sen biz siz onlar var yok degil olarak olan oldu
			olur sonra once her sey ise ya veya nasil neden nerede zaman bana sana ona bize size benim senin onun bizim sizin
			merhaba tesekkur evet hayir lutfen yarin bugun gun iyi sayin selam tarafin uzere hem bazi diye artik simdi saygilar
			hakkinda oldugu edilen etmek ederim ederiz rica`, "ğşıİ"},
		{"cs", `a v na se je ze s z do o to i za by pro od k jako ale po jsem jsou byl byla bylo byt nebo jeho jej ktery ktera ktere tak
			uz jen jak pri co kdyz aby si ve az take pokud jsme jste mate mame dobry den dekuji prosim ahoj dnes zitra velmi
			tento tato toto tim toho tom neni nejsou mezi pred jeste nebo bude budou vsak kde kdo proto pouze`, "řěů"},
		{"ru", `и в не на я что он с как это а по но они к у ты из мы за вы так же от о его ее их для бы только был была было были или
			если когда уже да нет мне меня нас вам вас ему все при до до во со тоже еще очень где кто чтобы после перед есть
			быть спасибо привет здравств добрый день завтра сегодня пожалуй этого том тем`, "ыэё"},
		{"uk", `і в не на я що він з як це а по але вони до у ти ми за ви так же від про його її їх для би тільки був була було були або
			якщо коли вже ні мені мене нас вам вас йому все при та й є також ще дуже де хто щоб після дякую привіт добрий день
			завтра сьогодні та із який яка які цього`, "іїєґ"},
		{"bg", `и на в не за да се от с по е са че ще като но до или как което който която които при има няма този тази това тези те той тя ние
			вие аз бих беше след преди само още вече много със във към ли му му й им благодар здравей добър ден моля утре днес`, ""},
	}
}
